package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.json;
import static io.hindsight.hub.testing.PacketBytes.IPV4;
import static io.hindsight.hub.testing.PacketBytes.ethernet;
import static io.hindsight.hub.testing.PacketBytes.ipv4;
import static io.hindsight.hub.testing.PacketBytes.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.FlowPage;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows over real HTTP, of a snapshot that the real Hub sealed. */
final class FlowRoutesTest {
    private static final int FLOWS = 30;

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;
    private String id = "";

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
        hub.agent("node-a", List.of(ChunkFixtures.node("node-a").packets(packets())));
        Snapshot sealed = hub.ended(hub.create(TestHub.everything("flows")).id());
        assertThat(sealed.state()).isEqualTo(SnapshotState.COMPLETE);
        id = sealed.id();
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    /** Flow i has i + 1 packets. */
    private static List<FixturePacket> packets() {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            byte[] frame = ethernet(IPV4, ipv4(17, udp(40_000 + i, 53, 20)));
            for (int packet = 0; packet <= i; packet++) {
                packets.add(FixturePacket.ethernet("eth0", TestChunks.START_NS + packets.size(), frame));
            }
        }
        return packets;
    }

    private HttpResponse<byte[]> flows(String query) {
        return api.get("/api/v1/snapshots/" + id + "/flows" + query);
    }

    @Test
    void shouldPageFlowsInOrder() {
        HttpResponse<byte[]> answer = flows("?sort=packets&limit=2&offset=1");

        assertThat(answer.statusCode()).isEqualTo(200);
        FlowPage page = JsonMapping.fromJson(json(answer), FlowPage.class);
        assertThat(page.total()).isEqualTo(FLOWS);
        assertThat(page.flows()).extracting(flow -> flow.client().port()).containsExactly(40_028, 40_027);
        assertThat(page.coverage().packets()).isEqualTo(FLOWS * (FLOWS + 1) / 2);
        assertThat(ports("?sort=first&order=asc&limit=3")).containsExactly(40_000, 40_001, 40_002);
        assertThat(ports("?limit=1000&sort=first&order=asc&offset=29")).containsExactly(40_029);
        assertThat(ports("?offset=30")).isEmpty();
        assertThat(ports("")).hasSize(FLOWS).startsWith(40_029);
    }

    private List<Integer> ports(String query) {
        HttpResponse<byte[]> answer = flows(query);
        assertThat(answer.statusCode()).as(query).isEqualTo(200);
        JsonArray flows = json(answer).getJsonArray("flows");
        return flows.stream().map(flow -> ((JsonObject) flow).getJsonObject("client").getInteger("port")).toList();
    }

    @Test
    void shouldFilterAndGroup() {
        assertThat(ports("?port=40003")).containsExactly(40_003);
        assertThat(ports("?protocol=UDP")).hasSize(FLOWS);
        assertThat(ports("?protocol=17&port=53")).hasSize(FLOWS);
        assertThat(ports("?protocol=tcp")).isEmpty();
        assertThat(ports("?bpf=udp+port+40004")).containsExactly(40_004);
        assertThat(ports("?nodes=node-a&from=2026-11-22T21:00:00Z&to=2026-11-22T21:00:00.000000001Z"))
                .containsExactly(40_000);
        assertThat(ports("?namespace=shop")).isEmpty();
        assertThat(ports("?pod=shop/cart-1")).isEmpty();
        assertThat(ports("?process=4711")).isEmpty();

        JsonObject grouped = json(flows("?groupBy=workload"));
        assertThat(grouped.getInteger("total")).isEqualTo(1);
        assertThat(grouped.containsKey("flows")).isFalse();
        JsonObject group = grouped.getJsonArray("groups").getJsonObject(0);
        assertThat(group.getInteger("flows")).isEqualTo(FLOWS);
        assertThat(group.getJsonObject("server").getString("name")).isEqualTo("10.0.0.2");
        assertThat(json(flows("?groupBy=namespace")).getJsonArray("groups").getJsonObject(0).getJsonObject("client"))
                .isEqualTo(new JsonObject().put("type", "Unknown").put("name", ""));
    }

    @Test
    void shouldRefuseWhatItDoesNotUnderstand() {
        assertProblem(flows("?limit=0"), 400, "INVALID_REQUEST", "limit");
        assertProblem(flows("?limit=1001"), 400, "INVALID_REQUEST", "limit");
        assertProblem(flows("?limit=99999999999999999999"), 400, "INVALID_REQUEST", "limit");
        assertProblem(flows("?offset=-1"), 400, "INVALID_REQUEST", "offset");
        assertProblem(flows("?offset=2147483648"), 400, "INVALID_REQUEST", "offset");
        assertProblem(flows("?sort=size"), 400, "INVALID_REQUEST", "sort");
        assertProblem(flows("?order=up"), 400, "INVALID_REQUEST", "order");
        assertProblem(flows("?groupBy=pod"), 400, "INVALID_REQUEST", "groupBy");
        assertProblem(flows("?port=65536"), 400, "INVALID_REQUEST", "port");
        assertProblem(flows("?port=http"), 400, "INVALID_REQUEST", "port");
        assertProblem(flows("?protocol=256"), 400, "INVALID_REQUEST", "protocol");
        assertProblem(flows("?protocol=quic"), 400, "INVALID_REQUEST", "protocol");
        assertProblem(flows("?protocol="), 400, "INVALID_REQUEST", "protocol");
        assertProblem(flows("?namespace=" + "n".repeat(254)), 400, "INVALID_REQUEST", "namespace");
        assertProblem(flows("?pod=a&pod=b"), 400, "INVALID_REQUEST", "pod");
        assertProblem(flows("?prot=tcp"), 400, "INVALID_REQUEST", "prot");
        assertProblem(flows("?from=yesterday"), 400, "INVALID_REQUEST", "from");
        assertProblem(flows("?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"), 400, "INVALID_WINDOW", null);
        assertProblem(flows("?bpf=no+such+filter"), 400, "INVALID_FILTER", "bpf");
        assertProblem(flows("?nodes=node-b"), 404, "UNKNOWN_NODE", "nodes");
        assertProblem(api.get("/api/v1/snapshots/none/flows"), 404, "SNAPSHOT_NOT_FOUND", "id");
        assertProblem(api.send("POST", "/api/v1/snapshots/" + id + "/flows", null), 405, "METHOD_NOT_ALLOWED", null);
    }

    @Test
    void shouldTellThatASnapshotIsNotSealedOrGone() {
        hub.agent("node-b", TestChunks.packets("node-b", 1, 10)).silentAfter = 0;
        String running = hub.create(TestHub.everything("running")).id();
        assertProblem(api.get("/api/v1/snapshots/" + running + "/flows"), 409, "WRONG_STATE", null);
        hub.cancel(running);
        hub.ended(running);

        assertThat(flows("").statusCode()).isEqualTo(200);
        hub.delete(id);
        assertProblem(flows(""), 404, "SNAPSHOT_NOT_FOUND", "id");
    }
}
