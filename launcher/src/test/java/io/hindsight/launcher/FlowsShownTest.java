package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.api.FlowPage;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people ask and read of flows. */
class FlowsShownTest {
    private static final Instant START = Instant.parse("2026-11-22T21:30:00.123456789Z");
    private static final FlowPage.Coverage ALL = new FlowPage.Coverage(40, 1, 2, 0, true, 0, 0, 0, 0);
    private static final Flow.Direction TO_SERVER = new Flow.Direction(1_200, 2_048, 3, 0);
    private static final Flow.Direction TO_CLIENT = new Flow.Direction(7, 10 << 20, 0, 1);

    private HubStub hub;

    @BeforeEach
    void startHub() throws IOException {
        hub = new HubStub();
        hub.on(
                "GET /snapshots",
                200,
                "{\"snapshots\":[{\"id\":\"abc-1\",\"name\":\"n\",\"state\":\"COMPLETE\",\"createdBy\":\"local\","
                        + "\"createdAt\":\"2026-01-01T00:00:00Z\",\"from\":\"2026-01-01T00:00:00Z\","
                        + "\"to\":\"2026-01-01T00:05:00Z\",\"bytes\":1,\"packets\":1,\"records\":0,\"chunks\":1,"
                        + "\"nodes\":[]}],\"total\":1,\"limit\":100,\"offset\":0}");
    }

    @AfterEach
    void closeHub() {
        hub.close();
    }

    private static Flow flow() {
        return new Flow(
                "tcp",
                new Flow.End(
                        "10.0.0.7",
                        40_000,
                        new Flow.Workload("Pod", "shop", "cart-1", "node-1", "Deployment", "cart"),
                        new Flow.SocketProcess("node-1", 4_711, "curl", 0, null, null, null)),
                new Flow.End("fd00:0:0:0:0:0:0:2", 443, null, null),
                1_207,
                2_048 + (10 << 20),
                START,
                START.plusSeconds(3),
                2,
                1,
                3,
                1,
                new Flow.Handshake(1, 1_500_000, 2_000_000, 2_500_000),
                TO_SERVER,
                TO_CLIENT,
                List.of(new Flow.SeenAt("node-1", "veth7", 1_207, 9), new Flow.SeenAt("node-2", "eth0", 1, 1)));
    }

    private Program shown(FlowPage page, String... options) {
        hub.on("GET /snapshots/abc-1/flows", 200, JsonMapping.toJson(page).encode());
        String[] command = new String[options.length + 5];
        System.arraycopy(new String[] {"snapshot", "flows", "abc-1", "--hub", hub.url()}, 0, command, 0, 5);
        System.arraycopy(options, 0, command, 5, options.length);
        return Program.run(command);
    }

    @Test
    void shouldShowWhoSpokeToWhom() {
        Program shown = shown(new FlowPage(List.of(flow()), null, 1, 100, 0, ALL));

        assertThat(shown.exit()).as(shown.err()).isZero();
        assertThat(shown.err()).isEmpty();
        assertThat(shown.out().lines().skip(1))
                .singleElement()
                .asString()
                .startsWith("tcp ")
                .contains(
                        "shop/cart-1 (10.0.0.7:40000) pid 4711 curl  [fd00:0:0:0:0:0:0:2]:443",
                        "1,200 > < 7",
                        "2.0 KiB > < 10 MiB",
                        "2026-11-22T21:30:00.123Z  3.0 s ",
                        "1.50 ms / 2.00 ms / 2.50 ms",
                        "node-1 veth7 and 1 more");
    }

    @Test
    void shouldShowGroups() {
        FlowGroup group =
                new FlowGroup(
                        new FlowGroup.Party("Deployment", "shop", "cart"),
                        new FlowGroup.Party("Address", null, "192.0.2.1"),
                        5,
                        1_207,
                        9,
                        START,
                        START,
                        5,
                        0,
                        0,
                        0,
                        null,
                        TO_SERVER,
                        TO_CLIENT);

        Program shown = shown(new FlowPage(null, List.of(group), 1, 100, 0, ALL), "--group-by", "workload");

        assertThat(shown.out()).contains("Deployment shop/cart  192.0.2.1  5 ");
    }

    @Test
    void shouldTellWhatIsNotShown() {
        FlowPage.Coverage lacking = new FlowPage.Coverage(9, 0, 1, 1_048_576, false, 2_000_000, 1 << 30, 17, 3);

        Program shown = shown(new FlowPage(List.of(flow()), null, 262_144, 1, 0, lacking));

        assertThat(shown.err())
                .contains(
                        "1 of 262,144 shown",
                        "Not listed: more than 1,048,576 flows, 2,000,000 packets, 1.0 GiB.",
                        "Not counted: 17 packets of listed flows at further interfaces.",
                        "In no percentile: 3 handshakes beyond the bound.");
    }

    @Test
    void shouldAskWithEveryOption() {
        Program shown =
                shown(
                        new FlowPage(List.of(), null, 0, 7, 3, ALL),
                        "--nodes=a,b",
                        "--from=2026-11-22T21:30:00Z",
                        "--to=2026-11-22T21:31:00Z",
                        "--bpf=tcp port 80",
                        "--namespace=shop",
                        "--pod=shop/cart-1",
                        "--process=curl",
                        "--port=80",
                        "--protocol=tcp",
                        "--group-by=flow",
                        "--sort=Handshake",
                        "--order=asc",
                        "--limit=7",
                        "--offset=3",
                        "--json");

        assertThat(shown.exit()).as(shown.err()).isZero();
        assertThat(new JsonObject(shown.out()).getInteger("limit")).isEqualTo(7);
        assertThat(hub.requests().getLast().line())
                .isEqualTo(
                        "GET /api/v1/snapshots/abc-1/flows?nodes=a%2Cb&from=2026-11-22T21%3A30%3A00Z"
                                + "&to=2026-11-22T21%3A31%3A00Z&bpf=tcp+port+80&namespace=shop&pod=shop%2Fcart-1"
                                + "&process=curl&port=80&protocol=tcp&groupBy=flow&sort=handshake&order=asc&limit=7"
                                + "&offset=3");
    }

    @Test
    void shouldRefuseWhatItDoesNotUnderstand() {
        FlowPage page = new FlowPage(List.of(), null, 0, 7, 3, ALL);
        assertThat(shown(page, "--sort=size").exit()).isEqualTo(2);
        assertThat(shown(page, "--group-by=pod").exit()).isEqualTo(2);
        assertThat(Program.run("snapshot", "flows", "./nowhere").exit()).isEqualTo(1);
        assertThat(Program.run("snapshot", "flows", "./nowhere", "--limit=0").err()).contains("limit");
    }
}
