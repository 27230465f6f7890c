package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What people read of gaps, drops and clocks. */
class GapsShownTest {
    private static final Instant START = Instant.parse("2026-11-22T21:30:00Z");
    private static final ClockOffset CLOCK = new ClockOffset(-1_500_000, 220_000, START);

    private HubStub hub;

    @BeforeEach
    void startHub() throws IOException {
        hub = new HubStub();
        hub.on(
                "GET /snapshots",
                200,
                "{\"snapshots\":["
                        + json(snapshot(SnapshotState.PARTIAL))
                        + "],\"total\":1,\"limit\":100,\"offset\":0}");
    }

    @AfterEach
    void closeHub() {
        hub.close();
    }

    private static Gap gap(Gap.Cause cause, int second) {
        return new Gap(
                START.plusSeconds(second), START.plusSeconds(second + 1), cause, "Why " + cause + ".", second + 1_000L);
    }

    private static Snapshot snapshot(SnapshotState state, Gap... gaps) {
        SnapshotNode node =
                new SnapshotNode(
                        "node-1",
                        SnapshotNode.State.FAILED,
                        0,
                        0,
                        0,
                        7,
                        0,
                        1,
                        null,
                        null,
                        Map.of("kernel", 5L, "ring", 2L),
                        List.of(gaps),
                        new Snapshot.Problem("AGENT_UNREACHABLE", "It is gone."),
                        CLOCK);
        return new Snapshot(
                "abc-1",
                "n",
                state,
                START,
                "local",
                null,
                START,
                START.plusSeconds(300),
                0,
                7,
                0,
                1,
                null,
                List.of(node),
                null,
                null);
    }

    private static String json(Snapshot snapshot) {
        return JsonMapping.toJson(snapshot).encode();
    }

    @ParameterizedTest
    @EnumSource(Gap.Cause.class)
    void shouldShowWhatIsMissingFromWhenToWhenAndWhy(Gap.Cause cause) {
        hub.on("GET /snapshots/abc-1", 200, json(snapshot(SnapshotState.PARTIAL, gap(cause, 3))));

        Program shown = Program.run("snapshot", "show", "abc-1", "--hub", hub.url());

        assertThat(shown.out())
                .contains("node node-1  FAILED  7 packets, 0 B, clock -1.50 ms ± 220.00 µs")
                .contains("lost while recording: 5 (kernel)", "lost while recording: 2 (ring)")
                .contains(
                        "    gap 2026-11-22T21:30:03Z to 2026-11-22T21:30:04Z "
                                + cause
                                + ": Why "
                                + cause
                                + ". (lost 1,003)\n")
                .contains("AGENT_UNREACHABLE: It is gone.");
    }

    @Test
    void shouldNameEachGapOnceWhenItComesUp() {
        Gap first = gap(Gap.Cause.RECYCLED, 0);
        Gap second = gap(Gap.Cause.NODE_UNREACHABLE, 9);
        hub.on("POST /snapshots", 202, json(snapshot(SnapshotState.REQUESTED)))
                .on(
                        "GET /events",
                        200,
                        event(snapshot(SnapshotState.STREAMING, first))
                                + event(snapshot(SnapshotState.STREAMING, first, second))
                                + event(snapshot(SnapshotState.PARTIAL, first, second)))
                .on(
                        "GET /snapshots/abc-1",
                        exchange -> {
                            long asked = hub.requests().stream().filter(each -> each.line().endsWith("abc-1")).count();
                            byte[] body =
                                    json(asked == 1
                                                    ? snapshot(SnapshotState.PLANNING)
                                                    : snapshot(SnapshotState.PARTIAL, first, second))
                                            .getBytes(StandardCharsets.UTF_8);
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        });

        Program created = Program.run("snapshot", "create", "--last", "5m", "--wait", "--hub", hub.url());

        List<String> lines = created.err().lines().toList();
        assertThat(lines).filteredOn(line -> line.contains("RECYCLED")).hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.contains("NODE_UNREACHABLE"))
                .containsExactly(
                        "abc-1 node node-1: gap 2026-11-22T21:30:09Z to 2026-11-22T21:30:10Z NODE_UNREACHABLE: Why"
                                + " NODE_UNREACHABLE. (lost 1,009)");
        assertThat(created.err().indexOf("NODE_UNREACHABLE")).isLessThan(created.err().indexOf("abc-1 PARTIAL"));
        assertThat(created.exit()).isEqualTo(4);
    }

    @Test
    void shouldNotFloodTheTerminalWithGaps() {
        Gap[] many = new Gap[500];
        Arrays.setAll(many, second -> gap(Gap.Cause.DROPPED_BY_KERNEL, second));
        hub.on("POST /snapshots", 202, json(snapshot(SnapshotState.REQUESTED)))
                .on("GET /snapshots/abc-1", 200, json(snapshot(SnapshotState.PARTIAL, many)))
                .on("GET /events", 200, "");

        Program created = Program.run("snapshot", "create", "--last", "5m", "--wait", "--hub", hub.url());

        assertThat(created.err().lines().filter(line -> line.contains("DROPPED_BY_KERNEL"))).hasSize(20);
        assertThat(created.err().lines().filter(line -> line.contains("hindsight snapshot show abc-1"))).hasSize(1);
    }

    private static String event(Snapshot snapshot) {
        return "event: snapshot\ndata: {\"type\":\"snapshot\",\"snapshot\":" + json(snapshot) + "}\n\n";
    }

    @Test
    void shouldShowClocksRingsAndDropsOfNodes() {
        SourceStatus source =
                new SourceStatus(
                        "packets",
                        "af_packet",
                        true,
                        null,
                        1_234,
                        0,
                        10,
                        2 << 20,
                        Map.of("kernel", 10L, "ring", 2L, "oversize", 0L),
                        START,
                        START,
                        1 << 30,
                        1 << 29,
                        0,
                        512L,
                        List.of(),
                        0,
                        null,
                        null,
                        List.of());
        JsonArray nodes = new JsonArray();
        for (ClockOffset clock : Arrays.asList(CLOCK, null)) {
            nodes.add(
                    JsonMapping.toJson(new NodeStatus("node-1", "i", "1", START, START, List.of(source), clock, null)));
        }
        hub.on("GET /nodes", 200, new JsonObject().put("nodes", nodes).encode());

        List<String> lines = Program.run("nodes", "--hub", hub.url()).out().lines().toList();

        assertThat(lines.getFirst()).containsSubsequence("RETENTION", "RATE", "LOST", "RING", "CLOCK");
        assertThat(lines.get(1))
                .containsSubsequence(
                        "8 min 32 s",
                        "2.0 MiB/s",
                        "1,234",
                        "12 (kernel 10, ring 2)",
                        "512 MiB of 1.0 GiB",
                        "-1.50 ms ± 220.00 µs");
        assertThat(lines.get(2)).endsWith("  -");
    }

    @Test
    void shouldAskForCorrectedClocks(@TempDir Path folder) {
        hub.on("GET /snapshots/abc-1/pcap", 200, "PCAP").on("GET /snapshots/abc-1/records", 200, "");

        for (String format : List.of("pcapng", "ndjson")) {
            Program.run(
                    "snapshot",
                    "export",
                    "abc-1",
                    "--correct-clocks",
                    "--format",
                    format,
                    "-o",
                    folder.resolve(format).toString(),
                    "--hub",
                    hub.url());
        }

        assertThat(hub.requests())
                .extracting(HubStub.Request::line)
                .contains(
                        "GET /api/v1/snapshots/abc-1/pcap?correctClocks=true&format=pcapng",
                        "GET /api/v1/snapshots/abc-1/records?correctClocks=true");
    }
}
