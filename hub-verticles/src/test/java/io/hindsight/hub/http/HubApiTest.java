package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.header;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every operation on the real Hub: the good paths, and what the Hub refuses. */
final class HubApiTest {
    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    /** An agent that goes on reporting, as slow as this machine may be. */
    private ScriptedAgent agent(String node, int chunks) {
        ScriptedAgent agent = hub.agent(node, TestChunks.packets(node, chunks, 10));
        Heartbeats.send(hub.vertx(), node, Heartbeats.source(3));
        Heartbeats.keepSending(hub.vertx(), node, Heartbeats.source(3));
        return agent;
    }

    private String everything(String name) {
        return JsonMapping.toJson(TestHub.everything(name)).encode();
    }

    private String sealed(String name) {
        HttpResponse<byte[]> created = api.post("/api/v1/snapshots", everything(name));
        assertThat(created.statusCode()).as(new String(created.body(), StandardCharsets.UTF_8)).isEqualTo(202);
        String id = json(created).getString("id");
        assertThat(header(created, "Location")).isEqualTo("/api/v1/snapshots/" + id);
        Snapshot ended = hub.ended(id);
        assertThat(ended.state()).as(String.valueOf(ended.error())).isEqualTo(SnapshotState.COMPLETE);
        return id;
    }

    @Test
    void shouldWalkASnapshotThroughItsWholeLife() throws IOException {
        agent("node-a", 3);

        HttpResponse<byte[]> nodes = api.get("/api/v1/nodes");
        assertThat(json(nodes).getJsonArray("nodes").getJsonObject(0).getString("node")).isEqualTo("node-a");
        assertThat(api.get("/api/v1/boundaries").statusCode()).isEqualTo(200);

        String id = sealed("checkout 500s");
        JsonObject snapshot = json(api.get("/api/v1/snapshots/" + id));
        assertThat(snapshot.getString("state")).isEqualTo("COMPLETE");
        assertThat(snapshot.getString("createdBy")).isEqualTo("local");

        JsonObject report = json(api.send("POST", "/api/v1/snapshots/" + id + "/verify", null));
        assertThat(report.getBoolean("intact")).isTrue();

        byte[] manifest = api.get("/api/v1/snapshots/" + id + "/manifest").body();
        assertThat(manifest).isEqualTo(Files.readAllBytes(folder.resolve(id).resolve("manifest.json")));

        assertThat(json(api.send("POST", "/api/v1/snapshots/" + id + "/cancel", null)).getString("state"))
                .isEqualTo("COMPLETE");
        assertThat(api.send("DELETE", "/api/v1/snapshots/" + id, null).statusCode()).isEqualTo(204);
        assertProblem(api.get("/api/v1/snapshots/" + id), 404, "SNAPSHOT_NOT_FOUND", "id");
        assertProblem(api.send("DELETE", "/api/v1/snapshots/" + id, null), 404, "SNAPSHOT_NOT_FOUND", "id");
    }

    @Test
    void shouldSearchFilterSortAndPage() {
        agent("node-a", 1);
        sealed("alpha");
        sealed("beta");
        sealed("alphabet");

        assertThat(names("?search=ALPHA&sort=name")).containsExactly("alpha", "alphabet");
        assertThat(names("?sort=-name&limit=1")).containsExactly("beta");
        assertThat(names("?sort=name&limit=1&offset=2")).containsExactly("beta");
        assertThat(names("?state=FAILED&state=CANCELLED")).isEmpty();
        assertThat(names("?state=COMPLETE&node=node-a")).hasSize(3);
        assertThat(names("?node=elsewhere")).isEmpty();
        assertThat(json(api.get("/api/v1/snapshots?limit=1")).getInteger("total")).isEqualTo(3);
    }

    private List<String> names(String query) {
        JsonArray page = json(api.get("/api/v1/snapshots" + query)).getJsonArray("snapshots");
        return page.stream().map(snapshot -> ((JsonObject) snapshot).getString("name")).toList();
    }

    @Test
    void shouldGiveTheSameSnapshotForTheSameIdempotencyKey() {
        agent("node-a", 1);
        String first =
                json(api.post("/api/v1/snapshots", everything("one"), "Idempotency-Key", "k+1%/x")).getString("id");
        String again =
                json(api.post("/api/v1/snapshots", everything("one"), "Idempotency-Key", "k+1%/x")).getString("id");
        assertThat(again).isEqualTo(first);
        assertProblem(
                api.post("/api/v1/snapshots", everything("other"), "Idempotency-Key", "k+1%/x"),
                409,
                "IDEMPOTENCY_CONFLICT",
                "idempotency-key");
        hub.ended(first);
    }

    @Test
    void shouldSendAStoredFileWholeInPartsAndNotAtAll() throws IOException {
        agent("node-a", 3);
        String id = sealed("stored");
        String path = "/api/v1/snapshots/" + id + "/pcap";
        byte[] stored = Files.readAllBytes(folder.resolve(id).resolve("node-a.pcapng"));

        HttpResponse<byte[]> whole = api.get(path, "Accept-Encoding", "gzip");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(stored);
        assertThat(TestApi.type(whole)).isEqualTo("application/x-pcapng");
        assertThat(header(whole, "Content-Disposition"))
                .startsWith("attachment; filename=\"stored-")
                .endsWith(".pcapng\"");
        String etag = header(whole, "ETag");
        assertThat(etag).matches("\"[0-9a-f]{64}\"");

        HttpResponse<byte[]> part = api.get(path, "Range", "bytes=10-19", "If-Range", etag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(stored, 10, 20));
        assertThat(header(part, "Content-Range")).isEqualTo("bytes 10-19/" + stored.length);
        assertThat(api.get(path, "Range", "bytes=-7").body())
                .isEqualTo(Arrays.copyOfRange(stored, stored.length - 7, stored.length));
        assertThat(api.get(path, "Range", "bytes=5-", "If-Range", "\"other\"").statusCode()).isEqualTo(200);
        assertThat(api.get(path, "Range", "bytes=0-1,4-5").statusCode()).isEqualTo(200);
        assertThat(api.get(path, "If-None-Match", etag).statusCode()).isEqualTo(304);

        HttpResponse<byte[]> outside = api.get(path, "Range", "bytes=" + stored.length + "-");
        assertProblem(outside, 416, "RANGE_NOT_SATISFIABLE", "Range");
        assertThat(header(outside, "Content-Range")).isEqualTo("bytes */" + stored.length);
        assertProblem(api.get(path, "Range", "bytes=abc"), 416, "RANGE_NOT_SATISFIABLE", "Range");
        assertProblem(api.get(path, "Range", "bytes=9-2"), 416, "RANGE_NOT_SATISFIABLE", "Range");

        HttpResponse<byte[]> head = api.send("HEAD", path, null);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(stored.length));
        assertThat(head.body()).isEmpty();
        HttpResponse<byte[]> headOfPart = api.send("HEAD", path, null, "Range", "bytes=0-9");
        assertThat(headOfPart.statusCode()).isEqualTo(206);
        assertThat(header(headOfPart, "Content-Length")).isEqualTo("10");
    }

    @Test
    void shouldCorrectClocksWhereItIsAskedFor() {
        ScriptedAgent agent = hub.agent("node-a", TestChunks.packets("node-a", 2, 10));
        agent.clock = new ClockOffset(60_000_000_000L, 1_000, Instant.now());
        agent.report();
        String id = sealed("clocks");
        String path = "/api/v1/snapshots/" + id + "/pcap";

        HttpResponse<byte[]> corrected = api.get(path + "?correctClocks=true&format=pcap&from=2026-11-22T21:01:00Z");

        JsonObject node = json(api.get("/api/v1/snapshots/" + id)).getJsonArray("nodes").getJsonObject(0);
        assertThat(node.getJsonObject("clock").getLong("offsetNs")).isEqualTo(60_000_000_000L);
        // The first packet's seconds stand behind the file's header; all packets are in the corrected window.
        assertThat(ByteBuffer.wrap(corrected.body()).order(ByteOrder.LITTLE_ENDIAN).getInt(24))
                .isEqualTo((int) (TestChunks.START_NS / 1_000_000_000L) + 60);
        assertThat(corrected.body()).hasSize(24 + 20 * (16 + 200));
        assertThat(header(api.get(path + "?correctClocks=true"), "Accept-Ranges")).isEqualTo("none");
    }

    @Test
    void shouldMergeFilterAndConvertWhatHasToBeMade() {
        agent("node-a", 2);
        agent("node-b", 2);
        String path = "/api/v1/snapshots/" + sealed("merged") + "/pcap";

        HttpResponse<byte[]> merged = api.get(path);
        assertThat(merged.statusCode()).isEqualTo(200);
        assertThat(header(merged, "Accept-Ranges")).isEqualTo("none");
        assertThat(merged.body().length).isGreaterThan(100);
        assertThat(header(api.get(path + "?nodes=node-b"), "Accept-Ranges")).isEqualTo("bytes");

        HttpResponse<byte[]> pcap = api.get(path + "?format=pcap");
        assertThat(TestApi.type(pcap)).isEqualTo("application/vnd.tcpdump.pcap");
        assertThat(pcap.body()).startsWith(0x4d, 0x3c, 0xb2, 0xa1);

        assertThat(api.get(path + "?bpf=ip%20and%20len%20%3E%3D%201%2B1").statusCode()).isEqualTo(200);
        assertThat(api.get(path + "?from=2026-11-22T22:30:00%2B01:00&to=2027-01-01T00:00:00.123456789Z").statusCode())
                .isEqualTo(200);
        assertThat(api.send("HEAD", path, null).statusCode()).isEqualTo(200);
        HttpResponse<byte[]> records = api.get(path.replace("/pcap", "/records"));
        assertThat(records.statusCode()).isEqualTo(200);
        assertThat(TestApi.type(records)).isEqualTo("application/x-ndjson");

        assertThat(api.get(path + "?correctClocks=false&nodes=node-b").statusCode()).isEqualTo(200);
        assertProblem(api.get(path + "?correctClocks=true"), 400, "INVALID_REQUEST", "correctClocks");
        assertProblem(
                api.get(path.replace("/pcap", "/records") + "?correctClocks=true"),
                400,
                "INVALID_REQUEST",
                "correctClocks");
        assertProblem(api.get(path + "?correctClocks=perhaps"), 400, "INVALID_REQUEST", "correctClocks");
        assertProblem(api.get(path + "?nodes=node-c"), 404, "UNKNOWN_NODE", "nodes");
        assertProblem(api.get(path + "?bpf=no+such+filter"), 400, "INVALID_FILTER", "bpf");
        assertProblem(api.get(path + "?format=zip"), 400, "INVALID_REQUEST", "format");
        assertProblem(api.get(path + "?from=yesterday"), 400, "INVALID_REQUEST", "from");
        assertProblem(api.get(path + "?from=2026-13-45T00:00:00Z"), 400, "INVALID_REQUEST", "from");
        assertProblem(
                api.get(path + "?to=2025-01-01T00:00:00Z&from=2026-01-01T00:00:00Z"), 400, "INVALID_WINDOW", null);
        assertProblem(api.get(path + "?node=node-a"), 400, "INVALID_REQUEST", "node");
        assertProblem(api.get(path + "?bpf=ip&bpf=tcp"), 400, "INVALID_REQUEST", "bpf");
        assertProblem(api.get(path.replace("/pcap", "/records") + "?bpf=ip"), 400, "INVALID_REQUEST", "bpf");
    }

    @Test
    void shouldNameWhatIsWrongWithARequestForASnapshot() {
        agent("node-a", 1);
        assertProblem(api.post("/api/v1/snapshots", "{}"), 400, "INVALID_REQUEST", "last");
        assertProblem(api.post("/api/v1/snapshots", "{\"last\": \"soon\"}"), 400, "INVALID_REQUEST", "last");
        assertProblem(api.post("/api/v1/snapshots", "{\"last\": 5}"), 400, "INVALID_REQUEST", "last");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"last\": \"5m\", \"nodes\": [\"nobody\"]}"),
                404,
                "UNKNOWN_NODE",
                "nodes");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"last\": \"5m\", \"nodes\": [1]}"), 400, "INVALID_REQUEST", "nodes.0");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"last\": \"5m\", \"window\": 1}"), 400, "INVALID_REQUEST", "window");
        assertProblem(api.post("/api/v1/snapshots", "{\"from\": \"then\"}"), 400, "INVALID_REQUEST", "from");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"from\": \"2026-01-02T00:00:00Z\", \"to\": \"2026-01-01T00:00:00Z\"}"),
                400,
                "INVALID_WINDOW",
                "from");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"last\": \"5m\", \"name\": \"\"}"), 400, "INVALID_REQUEST", "name");
        assertProblem(api.post("/api/v1/snapshots", "{"), 400, "INVALID_REQUEST", "body");
        assertProblem(api.post("/api/v1/snapshots", "[]"), 400, "INVALID_REQUEST", "body");
        assertProblem(api.post("/api/v1/snapshots", ""), 400, "INVALID_REQUEST", "body");
        assertProblem(
                api.post("/api/v1/snapshots", "{\"last\": \"5m\"}", "Idempotency-Key", "a b"),
                400,
                "INVALID_REQUEST",
                "Idempotency-Key");
        assertProblem(api.get("/api/v1/snapshots?limit=0"), 400, "INVALID_REQUEST", "limit");
        assertProblem(api.get("/api/v1/snapshots?limit=many"), 400, "INVALID_REQUEST", "limit");
        assertProblem(api.get("/api/v1/snapshots?state=DONE"), 400, "INVALID_REQUEST", "state");
        assertProblem(api.get("/api/v1/snapshots?sort=size"), 400, "INVALID_REQUEST", "sort");
        assertProblem(api.get("/api/v1/snapshots?serach=x"), 400, "INVALID_REQUEST", "serach");
        assertProblem(api.get("/api/v1/snapshots/..%2f..%2fetc"), 400, "INVALID_REQUEST", "id");
        assertProblem(api.get("/api/v1/snapshots/NO"), 400, "INVALID_REQUEST", "id");
        assertProblem(api.get("/api/v1/snapshots/none"), 404, "SNAPSHOT_NOT_FOUND", "id");
        assertProblem(api.get("/api/v1/snapshots/none/pcap"), 404, "SNAPSHOT_NOT_FOUND", "id");
        assertProblem(api.get("/api/v1/snapshots/none/manifest"), 404, "SNAPSHOT_NOT_FOUND", "id");
        assertProblem(api.send("POST", "/api/v1/snapshots/none/verify", null), 404, "SNAPSHOT_NOT_FOUND", "id");
    }

    @Test
    void shouldRefuseToExportWhatIsNotSealed() {
        agent("node-a", 1).silentAfter = 0;
        String id = json(api.post("/api/v1/snapshots", everything("running"))).getString("id");
        assertProblem(api.get("/api/v1/snapshots/" + id + "/pcap"), 409, "WRONG_STATE", null);
        api.send("POST", "/api/v1/snapshots/" + id + "/cancel", null);
        hub.ended(id);
    }

    @Test
    void shouldCompressLongJsonForWhomItSuits() throws IOException {
        agent("node-a", 1);
        String path = "/api/v1/snapshots/" + sealed("compressed") + "/manifest";
        HttpResponse<InputStream> packed = api.raw(path, "Accept-Encoding", "gzip, br");
        assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(new GZIPInputStream(packed.body()).readAllBytes()).isEqualTo(api.get(path).body());
        assertThat(header(api.raw(path, "Accept-Encoding", "gzip;q=0"), "Content-Encoding")).isEmpty();
    }

    @Test
    void shouldServeTheContractAsItIs() throws IOException {
        HttpResponse<byte[]> document = api.get("/api/v1/openapi.yaml");
        assertThat(document.body()).isEqualTo(HttpVerticle.class.getResourceAsStream("openapi.yaml").readAllBytes());
        assertThat(TestApi.type(document)).isEqualTo("application/yaml");
    }

    @Test
    void shouldTellHealthAndMetrics() {
        agent("node-a", 1);
        sealed("counted");
        assertThat(json(api.get("/health/live")).getString("status")).isEqualTo("UP");
        HttpResponse<byte[]> ready = api.get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(json(ready).getJsonArray("checks")).hasSize(2);

        String metrics = new String(api.get("/metrics").body(), StandardCharsets.UTF_8);
        assertThat(metrics)
                .contains(
                        "hindsight_scrub_bytes_total 0.0",
                        "hindsight_scrub_snapshots_total{outcome=\"damaged\"} 0.0",
                        "hindsight_scrub_damaged_snapshots 0.0",
                        "hindsight_scrub_oldest_verification_age_seconds ");
        assertThat(metrics)
                .contains("# HELP hindsight_ring_capacity_bytes ")
                .contains("hindsight_snapshots{state=\"COMPLETE\"} 1.0")
                .contains("hindsight_dropped_records_total{cause=\"kernel\",node=\"node-a\",source=\"packets\"}")
                .contains("hindsight_ring_read_bytes_total{node=\"node-a\",source=\"packets\"} 8192.0")
                .contains("hindsight_channel_sent_bytes_total{node=\"node-a\",source=\"packets\"} 4096.0")
                .containsPattern("hindsight_source_program_attached\\{[^}]*program=\"sched_process_exec\"[^}]*} 1")
                .containsPattern("hindsight_source_program_attached\\{[^}]*program=\"mark_victim\"[^}]*} 0")
                .contains("hindsight_build_info{version=\"1.2.3-test\"} 1")
                .containsPattern("hindsight_snapshot_written_bytes_total [1-9]");
        metrics.lines()
                .filter(line -> line.startsWith("# TYPE hindsight_"))
                .map(line -> line.replaceFirst("# TYPE (\\S+) .*", "# HELP $1 "))
                .forEach(help -> assertThat(metrics).contains(help));
    }
}
