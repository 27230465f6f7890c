package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code capture}, and what {@code nodes} and {@code snapshot show} say of it. */
class CaptureCommandsTest {
    private HubStub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new HubStub();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static JsonObject policy() {
        return new JsonObject()
                .put("regex", "^shop-")
                .put("namespaces", new JsonArray().add("a").add("b"))
                .put("excludedNamespaces", new JsonArray())
                .put("ownTraffic", false);
    }

    private static JsonObject overview(long revision, JsonObject policy, JsonObject... nodes) {
        return new JsonObject()
                .put("revision", revision)
                .put("policy", policy)
                .put("changedBy", "alice")
                .put("changedAt", "2026-01-01T00:00:00Z")
                .put("nodes", new JsonArray(List.of(nodes)));
    }

    private static JsonObject node(String name, boolean reachable, long revision, boolean follows, String problem) {
        JsonObject node =
                new JsonObject()
                        .put("node", name)
                        .put("reachable", reachable)
                        .put("follows", follows)
                        .put(
                                "capture",
                                new JsonObject()
                                        .put("revision", revision)
                                        .put("expression", "host 10.0.0.7 and " + "x".repeat(90))
                                        .put("pods", 1));
        return problem.isEmpty() ? node : node.put("problem", problem);
    }

    private Program run(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--hub";
        all[arguments.length + 1] = hub.url();
        return Program.run(all);
    }

    private JsonObject sent() {
        return new JsonObject(hub.requests().getLast().body());
    }

    @Test
    void shouldShowThePolicyAndWhichNodesFollow() {
        JsonObject shown =
                overview(
                        3,
                        policy(),
                        node("node-1", true, 3, true, ""),
                        node("node-2", true, 2, false, "TIMED_OUT: No\u001b[2J answer."),
                        node("node-3", false, 3, true, ""));
        hub.on("GET /capture", 200, shown.encode());

        Program program = run("capture", "show");

        assertThat(program.exit()).as(program.err()).isZero();
        assertThat(program.out())
                .contains("revision 3, since 2026-01-01T00:00:00Z by alice")
                .containsPattern("regex +\\^shop-")
                .containsPattern("namespaces +a, b")
                .containsPattern("node-1 +yes +1 +host 10.0.0.7 and x+ …")
                .containsPattern("node-2 +no, revision 2 .*TIMED_OUT: No")
                .containsPattern("node-3 +unreachable")
                .doesNotContain("\u001b");
        assertThat(new JsonObject(run("capture", "show", "--json").out())).isEqualTo(shown);
        hub.on(
                "GET /capture",
                200,
                overview(1, new JsonObject("{\"namespaces\":[],\"excludedNamespaces\":[]}")).encode());
        assertThat(run("capture", "show").out()).contains("everything, but for the program's own traffic");
    }

    @Test
    void shouldSayThatAnOverrideHoldsInPlaceOfTheRest() {
        hub.on("GET /capture", 200, overview(3, policy().put("bpfOverride", "udp port 9")).encode());
        assertThat(run("capture", "show").out())
                .containsPattern("bpf override +udp port 9 +\\(holds in place of the above, which have no effect\\)");
        JsonObject alone =
                new JsonObject("{\"namespaces\":[],\"excludedNamespaces\":[],\"bpfOverride\":\"udp port 9\"}");
        hub.on("GET /capture", 200, overview(3, alone).encode());

        assertThat(run("capture", "show").out()).contains("udp port 9").doesNotContain("in place of");
    }

    @Test
    void shouldChangeOnlyWhatIsGivenAndOverwriteNobody() {
        hub.on("GET /capture", 200, overview(3, policy()).encode());
        hub.on(
                "PUT /capture",
                exchange -> {
                    assertThat(exchange.getRequestHeaders().getFirst("If-Match")).isEqualTo("\"3\"");
                    byte[] answer = overview(4, policy()).encode().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });

        assertThat(run("capture", "set", "--excluded-namespaces", "c,d").exit()).isZero();
        assertThat(sent().getString("regex")).isEqualTo("^shop-");
        assertThat(sent().getJsonArray("namespaces")).containsExactly("a", "b");
        assertThat(sent().getJsonArray("excludedNamespaces")).containsExactly("c", "d");

        run("capture", "set", "--regex", "", "--namespaces", "", "--own-traffic");
        assertThat(sent().containsKey("regex")).isFalse();
        assertThat(sent().getJsonArray("namespaces")).isEmpty();
        assertThat(sent().getBoolean("ownTraffic")).isTrue();

        run("capture", "set", "--own-traffic", "false", "--bpf-override", "udp port 9");
        assertThat(sent().getBoolean("ownTraffic")).isFalse();
        assertThat(sent().getString("bpfOverride")).isEqualTo("udp port 9");

        run("capture", "set", "--everything");
        assertThat(sent().containsKey("regex")).isFalse();
        assertThat(sent().getJsonArray("namespaces")).isEmpty();
        assertThat(run("capture", "set").exit()).isEqualTo(2);
    }

    @Test
    void shouldSayWhyAChangeIsRefused() {
        hub.on("GET /capture", 200, overview(3, policy()).encode());
        hub.on(
                "PUT /capture",
                412,
                "{\"code\":\"WRONG_STATE\",\"detail\":\"Somebody has changed what is captured.\",\"field\":\"If-Match\"}");
        Program late = run("capture", "set", "--regex", "x");
        assertThat(late.exit()).isEqualTo(1);
        assertThat(late.err()).contains("Somebody has changed what is captured.");

        hub.on("PUT /capture", 400, "{\"code\":\"INVALID_FILTER\",\"detail\":\"libpcap refuses the filter.\"}");
        assertThat(run("capture", "set", "--bpf-override", "x y").exit()).isEqualTo(2);
    }

    private void answers(JsonObject... overviews) {
        Iterator<JsonObject> next = List.of(overviews).iterator();
        hub.on(
                "GET /capture",
                exchange -> {
                    JsonObject one = next.hasNext() ? next.next() : overviews[overviews.length - 1];
                    byte[] answer = one.encode().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
    }

    @Test
    void shouldWaitUntilEveryReachableNodeFollows() {
        hub.on("PUT /capture", 200, overview(4, policy()).encode());
        answers(
                overview(3, policy()),
                overview(4, policy(), node("node-1", true, 3, false, ""), node("node-2", false, 3, false, "")),
                overview(4, policy(), node("node-1", true, 4, true, ""), node("node-2", false, 3, false, "")));

        Program waited = run("capture", "set", "--regex", "x", "--wait");

        assertThat(waited.exit()).as(waited.err()).isZero();
        assertThat(waited.out()).containsPattern("node-1 +yes");
        assertThat(waited.err()).contains("node-2 is not reachable: it is told when it is back.");
    }

    @Test
    void shouldSayWhichNodeDoesNotRecordWhatItShould() {
        hub.on("PUT /capture", 200, overview(4, policy()).encode());
        JsonObject failing = node("node-1", true, 4, true, "");
        failing.getJsonObject("capture").put("problem", "The kernel refuses it.");
        answers(overview(3, policy()), overview(4, policy(), failing));
        Program problem = run("capture", "set", "--regex", "x", "--wait");
        assertThat(problem.exit()).isEqualTo(1);
        assertThat(problem.err()).contains("node-1: The kernel refuses it.");

        answers(overview(3, policy()), overview(7, policy()));
        Program changed = run("capture", "set", "--regex", "x", "--wait");
        assertThat(changed.exit()).isEqualTo(1);
        assertThat(changed.err()).contains("changed again meanwhile: revision=7");
    }

    @Test
    void shouldShowWhatWasRecordedWhenOfASnapshot() {
        String snapshot =
                """
                {"id":"abc-1","name":"outage","state":"COMPLETE","createdBy":"local","bytes":1,"packets":1,"records":0,"chunks":1,
                "createdAt":"2026-01-01T00:00:00Z","from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:05:00Z","nodes":[]}\
                """;
        String manifest =
                """
                {"nodes":[{"node":"node-1","captures":[
                {"fromNs":1767225600000000000,"revision":1,"policy":{"namespaces":[],"excludedNamespaces":[],"ownTraffic":false},
                 "changedBy":"configuration","expression":"not port 8899","pods":0},
                {"fromNs":1767225660000000000,"revision":2,"policy":{"namespaces":[],"excludedNamespaces":[],"bpfOverride":"udp port 9"},
                 "changedBy":"alice","expression":"udp port 9","pods":0,"problem":"Not attached."}]},
                {"node":"node-2","captures":[
                {"fromNs":1767225600000000000,"revision":1,"policy":{"namespaces":[],"excludedNamespaces":[]},"expression":"","pods":0}]},
                {"node":"node-3"}]}\
                """;
        hub.on("GET /snapshots", 200, "{\"snapshots\":[" + snapshot + "],\"total\":1,\"limit\":1000,\"offset\":0}");
        hub.on("GET /snapshots/abc-1", 200, snapshot);
        hub.on("GET /snapshots/abc-1/manifest", 200, manifest);

        Program shown = run("snapshot", "show", "abc-1");

        assertThat(shown.exit()).as(shown.err()).isZero();
        assertThat(shown.out())
                .contains("  node node-1 recorded\n")
                .contains("    from 2026-01-01T00:00:00Z  not port 8899, revision 1 by configuration\n")
                .contains("    from 2026-01-01T00:01:00Z  udp port 9, revision 2 by alice; problem: Not attached.\n")
                .doesNotContain("node-2", "node-3");
        hub.on("GET /snapshots/abc-1/manifest", 500, "{\"code\":\"INTEGRITY_VIOLATED\",\"detail\":\"It is broken.\"}");
        Program broken = run("snapshot", "show", "abc-1");
        assertThat(broken.exit()).isZero();
        assertThat(broken.err()).contains("What was recorded when cannot be shown: It is broken.");
    }

    @Test
    void shouldShowANodesProblemWithTheNodes() {
        JsonObject node =
                new JsonObject()
                        .put("node", "node-1")
                        .put("instance", "i")
                        .put("version", "1.0.0")
                        .put("time", "2026-01-01T00:00:00Z")
                        .put("startedAt", "2026-01-01T00:00:00Z")
                        .put("sources", new JsonArray())
                        .put("reachable", true)
                        .put(
                                "capture",
                                new JsonObject()
                                        .put("revision", 1)
                                        .put("expression", "")
                                        .put("pods", 0)
                                        .put("problem", "The filter is too long for the kernel."));
        hub.on("GET /nodes", 200, new JsonObject().put("nodes", new JsonArray().add(node)).encode());

        assertThat(run("nodes").err()).contains("node-1: The filter is too long for the kernel.");
    }
}
