package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.header;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.NodeCapture;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET} and {@code PUT /capture} of a real Hub. */
final class CaptureApiTest {
    private static final String PATH = "/api/v1/capture";

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        HubConfig config = TestHub.config(folder, 32, 32L << 20);
        hub = new TestHub(config);
        api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS);
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    private HttpResponse<byte[]> put(String body, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return api.send("PUT", PATH, body, all);
    }

    private CaptureOverview get() {
        return JsonMapping.fromJson(json(api.get(PATH)), CaptureOverview.class);
    }

    private List<CustodyEntry> custody() {
        JsonObject page = json(api.get("/api/v1/custody?action=CAPTURE"));
        return JsonMapping.fromJson(page, CustodyPage.class).entries().reversed();
    }

    private ScriptedAgent agent(String node) {
        ScriptedAgent agent = new ScriptedAgent(hub.vertx(), node, List::of);
        agent.capture = new NodeCapture(0, "", 0, null);
        return agent.report();
    }

    @Test
    void shouldChangeWhatEveryNodeRecordsAndSayWhichNodesFollow() {
        HttpResponse<byte[]> before = api.get(PATH);
        assertThat(header(before, "ETag")).isEqualTo("\"1\"");
        ScriptedAgent one = agent("node-1");
        ScriptedAgent two = agent("node-2");
        two.captureManner = ScriptedAgent.CaptureManner.REFUSES;
        await().until(() -> get().nodes().getFirst().follows());

        HttpResponse<byte[]> changed =
                put("{\"regex\":\"^shop-\",\"namespaces\":[\"b\",\"a\"],\"excludedNamespaces\":[\"c\"]}");

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(header(changed, "ETag")).isEqualTo("\"2\"");
        CapturePolicy policy = new CapturePolicy("^shop-", List.of("a", "b"), List.of("c"), null, false);
        assertThat(get().policy()).isEqualTo(policy);
        assertThat(get().changedBy()).isEqualTo("local");
        await().untilAsserted(() -> {
            one.report();
            two.report();
            assertThat(get().nodes().get(0).follows()).isTrue();
            assertThat(get().nodes().get(1).follows()).isFalse();
            assertThat(get().nodes().get(1).problem()).contains("The kernel refuses it.");
        });
        assertThat(one.captureOrders.getLast().state().policy()).isEqualTo(policy);
        // Where this very API listens.
        assertThat(one.captureOrders.getLast().own()).anySatisfy(own -> assertThat(own.port()).isEqualTo(api.port()));
        await().untilAsserted(() ->
                assertThat(hub.events)
                        .anySatisfy(event -> {
                            assertThat(event.body().getString("type")).isEqualTo("capture");
                            JsonObject capture = event.body().getJsonObject("capture");
                            assertThat(capture.getLong("revision")).isEqualTo(2);
                            assertThat(capture.getJsonArray("nodes").getJsonObject(0).getBoolean("follows")).isTrue();
                        }));
    }

    @Test
    void shouldRecordEachChangeWithWhatWasBeforeAndAfter() {
        put("{\"bpfOverride\":\"udp port 9\"}");
        put("{\"ownTraffic\":true}");

        List<CustodyEntry> lines = custody();

        assertThat(lines.stream().map(CustodyEntry::outcome)).containsExactly("BEGUN", "DONE", "BEGUN", "DONE");
        CustodyEntry last = lines.getLast();
        assertThat(last.who()).isEqualTo("local");
        assertThat(last.from()).isEqualTo("127.0.0.1");
        assertThat(last.details())
                .containsEntry("before.bpfOverride", "udp port 9")
                .containsEntry("ownTraffic", "true")
                .containsEntry("beforeRevision", "2")
                .containsEntry("revision", "3")
                .containsKey("sha256")
                .doesNotContainKey("bpfOverride");
    }

    @Test
    void shouldMakeNoRevisionOfThePolicyInForce() {
        put("{\"namespaces\":[\"a\"]}");
        HttpResponse<byte[]> again = put("{\"namespaces\":[\"a\",\"a\"],\"regex\":\"\"}");

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(header(again, "ETag")).isEqualTo("\"2\"");
        assertThat(custody()).hasSize(2);
    }

    @Test
    void shouldNotLetTwoPeopleOverwriteEachOther() {
        String seen = header(api.get(PATH), "ETag");
        assertThat(put("{\"regex\":\"a\"}", "If-Match", seen).statusCode()).isEqualTo(200);

        HttpResponse<byte[]> late = put("{\"regex\":\"b\"}", "If-Match", seen);

        assertProblem(late, 412, "WRONG_STATE", "If-Match");
        assertThat(get().policy().regex()).isEqualTo("a");
        assertThat(custody().getLast().outcome()).isEqualTo("REFUSED");
        assertThat(custody().getLast().code()).isEqualTo("WRONG_STATE");
        assertThat(put("{\"regex\":\"b\"}", "If-Match", "W/\"2\"").statusCode()).isEqualTo(412);
        assertThat(put("{\"regex\":\"b\"}", "If-Match", "nonsense").statusCode()).isEqualTo(412);
        assertThat(put("{\"regex\":\"c\"}", "If-Match", "\"1\", \"2\"").statusCode()).isEqualTo(200);
        assertThat(put("{\"regex\":\"d\"}", "If-Match", "*").statusCode()).isEqualTo(200);
    }

    private record Wrong(String body, String field, String code) {}

    @Test
    void shouldRefuseWhatCannotBeRecordedByAndRecordThat() {
        List<Wrong> all =
                List.of(
                        new Wrong("{\"regex\":\"(\"}", "regex", "INVALID_REQUEST"),
                        new Wrong("{\"regex\":\"(a{1000}){1000}\"}", "regex", "INVALID_REQUEST"),
                        new Wrong("{\"regex\":\"(?<=a)b\"}", "regex", "INVALID_REQUEST"),
                        new Wrong("{\"namespaces\":[\"UPPER\"]}", "namespaces", "INVALID_REQUEST"),
                        new Wrong("{\"excludedNamespaces\":[\"a b\"]}", "excludedNamespaces", "INVALID_REQUEST"),
                        new Wrong("{\"bpfOverride\":\"host\\u0000\"}", "bpfOverride", "INVALID_FILTER"),
                        new Wrong("{\"bpfOverride\":\"udp prot 9\"}", "bpfOverride", "INVALID_FILTER"));
        for (Wrong wrong : all) {
            assertProblem(put(wrong.body()), 400, wrong.code(), wrong.field());
        }
        assertThat(json(put(all.getLast().body())).getString("detail")).contains("libpcap");

        assertThat(get().revision()).isEqualTo(1);
        assertThat(custody())
                .hasSize(all.size() + 1)
                .allSatisfy(line -> {
                    assertThat(line.outcome()).isEqualTo("REFUSED");
                    assertThat(line.code()).startsWith("INVALID_");
                    assertThat(line.details()).containsKey("reason");
                });
    }

    @Test
    void shouldRefuseHostileBodies() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        String many = new JsonObject().put("namespaces", new JsonArray(Collections.nCopies(257, "a"))).encode();
        for (String body :
                List.of(
                        "",
                        "null",
                        "7",
                        "[]",
                        "{",
                        "{\"regexp\":\"a\"}",
                        "{\"regex\":null}",
                        "{\"regex\":7}",
                        "{\"regex\":[\"a\"]}",
                        "{\"regex\":\"" + "a".repeat(1_001) + "\"}",
                        "{\"bpfOverride\":\"" + "a".repeat(2_049) + "\"}",
                        "{\"namespaces\":\"a\"}",
                        "{\"namespaces\":[null]}",
                        "{\"namespaces\":[\"\"]}",
                        "{\"namespaces\":[{\"a\":1}]}",
                        "{\"namespaces\":" + deep + "}",
                        "{\"ownTraffic\":\"yes\"}",
                        "{\"ownTraffic\":1e999}",
                        "{\"revision\":1,\"policy\":{}}",
                        many)) {
            HttpResponse<byte[]> answer = put(body);
            assertThat(answer.statusCode()).as("%.60s", body).isBetween(400, 499);
        }
        assertThat(put("{\"regex\":\"" + "a".repeat(2 << 20) + "\"}").statusCode()).isEqualTo(413);
        assertThat(api.send("PUT", PATH, "regex=a", "Content-Type", "application/x-www-form-urlencoded").statusCode())
                .isEqualTo(415);
        assertThat(api.send("DELETE", PATH, null).statusCode()).isEqualTo(405);
        assertThat(api.get(PATH, "Accept", "text/html").statusCode()).isEqualTo(406);
        assertThat(get().revision()).isEqualTo(1);
    }
}
