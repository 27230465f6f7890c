package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches over HTTP. */
final class BatchApiTest {
    private static final String CREATE = "/api/v1/snapshots:batch";

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
        hub.agent("node-a", TestChunks.packets("node-a", 3, 10)).beating();
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    private static JsonObject json(HttpResponse<byte[]> answer) {
        return new JsonObject(new String(answer.body(), StandardCharsets.UTF_8));
    }

    private static JsonObject request() {
        return JsonMapping.toJson(TestHub.everything("one"));
    }

    private static String body(JsonObject... requests) {
        return new JsonObject().put("name", "many").put("requests", new JsonArray(List.of(requests))).encode();
    }

    private JsonObject ended(String id) {
        return await().until(() -> json(api.get("/api/v1/batches/" + id)), batch -> batch.getBoolean("ended"));
    }

    @Test
    void shouldTakeABatchAndSayWhatBecameOfIt() {
        HttpResponse<byte[]> taken = api.post(CREATE, body(request(), request()), "Idempotency-Key", "k");
        assertThat(taken.statusCode()).as("%s", json(taken)).isEqualTo(202);
        String id = json(taken).getString("id");
        assertThat(taken.headers().firstValue("Location")).hasValue("/api/v1/batches/" + id);
        assertThat(json(taken).getJsonArray("items")).hasSize(2);

        assertThat(ended(id).getJsonObject("states").getInteger("COMPLETE")).isEqualTo(2);
        assertThat(json(api.post(CREATE, body(request(), request()), "Idempotency-Key", "k"))).isEqualTo(ended(id));
        assertThat(api.post(CREATE, body(request()), "Idempotency-Key", "k").statusCode()).isEqualTo(409);
        JsonObject page = json(api.get("/api/v1/snapshots?batch=" + id));
        assertThat(page.getInteger("total")).isEqualTo(2);
        assertThat(page.getJsonArray("snapshots").getJsonObject(0).getString("batch")).isEqualTo(id);
        assertThat(json(api.get("/api/v1/snapshots?batch=other")).getInteger("total")).isZero();
        assertThat(json(api.send("POST", "/api/v1/batches/" + id + "/cancel", null))).isEqualTo(ended(id));
        assertThat(api.get("/api/v1/batches/none").statusCode()).isEqualTo(404);
    }

    @Test
    void shouldNameEveryRequestThatIsWrong() {
        JsonObject elsewhere = request().put("nodes", new JsonArray().add("elsewhere"));
        JsonObject backwards = request().put("to", "2020-01-01T00:00:00Z");

        HttpResponse<byte[]> refused = api.post(CREATE, body(request(), elsewhere, backwards));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).getString("field")).isEqualTo("requests[1].nodes");
        JsonArray items = json(refused).getJsonArray("items");
        assertThat(items.getJsonObject(0).getInteger("item")).isEqualTo(1);
        assertThat(items.getJsonObject(0).getString("code")).isEqualTo("UNKNOWN_NODE");
        assertThat(items.getJsonObject(1).getString("field")).isEqualTo("from");
        assertThat(items.getJsonObject(1).getString("code")).isEqualTo("INVALID_WINDOW");
        assertThat(hub.all()).isEmpty();
    }

    @Test
    void shouldRefuseWhatIsNoBatch() {
        assertThat(api.post(CREATE, body()).statusCode()).isEqualTo(400);
        HttpResponse<byte[]> misspelt = api.post(CREATE, body(request(), request().put("node", "a")));
        assertThat(misspelt.statusCode()).isEqualTo(400);
        assertThat(json(misspelt).getString("field")).startsWith("requests.1");
        JsonObject[] tooMany = new JsonObject[1_001];
        Arrays.fill(tooMany, new JsonObject().put("last", "5m"));
        assertThat(api.post(CREATE, body(tooMany)).statusCode()).isEqualTo(400);
        JsonObject large = request().put("nodes", new JsonArray(List.of("n".repeat(1 << 20))));
        assertThat(api.post(CREATE, body(large)).statusCode()).isEqualTo(413);
        assertThat(api.post("/api/v1/snapshotsbatch", body(request())).statusCode()).isEqualTo(404);
        assertThat(hub.all()).isEmpty();
    }
}
