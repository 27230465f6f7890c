package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalExportTest {
    @TempDir private Path folder;

    private SnapshotFiles snapshot;

    @BeforeEach
    void writeSnapshot() {
        byte[] packets =
                ChunkFixtures.node("node-1")
                        .packets(
                                List.of(
                                        FixturePacket.ethernet("eth0", START_NS, Frames.udp(1, 53, 20)),
                                        FixturePacket.ethernet(
                                                "eth0", START_NS + 2_000_000_000L, Frames.tcp(1, 80, 20))));
        byte[] kubernetes =
                ChunkFixtures.node("node-1")
                        .journal(
                                ChunkSource.KUBERNETES,
                                List.of(
                                        new FixtureEntry(
                                                START_NS + 1_000_000_001L,
                                                Map.of(
                                                        "MESSAGE",
                                                        "Back-off restarting\nfailed \"container\"",
                                                        "K8S_REASON",
                                                        "BackOff",
                                                        "HINDSIGHT_JSON",
                                                        "{\n \"reason\": \"BackOff\", \"count\": 12345678901234567890}"))));
        byte[] os =
                ChunkFixtures.node("node-1")
                        .journal(
                                ChunkSource.OS,
                                List.of(
                                        new FixtureEntry(
                                                START_NS + 1_500_000_000L,
                                                Map.of("MESSAGE", "oom kill", "HINDSIGHT_JSON", "not json"))));
        snapshot = new SnapshotFixture(folder).node("node-1", List.of(packets, kubernetes, os)).files();
    }

    @Test
    void shouldWriteRecordsAsLinesOfJson() {
        List<JsonObject> lines = lines(ExportRequest.everything(ExportFormat.NDJSON));

        assertThat(lines).hasSize(2);
        JsonObject backOff = lines.getFirst();
        assertThat(backOff.getString("time")).isEqualTo("2026-11-22T21:30:01.000000001Z");
        assertThat(backOff.getString("node")).isEqualTo("node-1");
        assertThat(backOff.getString("source")).isEqualTo("kubernetes");
        assertThat(backOff.getString("message")).isEqualTo("Back-off restarting\nfailed \"container\"");
        assertThat(backOff.getJsonObject("record").getString("reason")).isEqualTo("BackOff");
        assertThat(backOff.getJsonObject("fields").getMap()).isEqualTo(Map.of("K8S_REASON", "BackOff"));
        assertThat(lines.get(1).getString("source")).isEqualTo("os");
        assertThat(lines.get(1).getString("record")).isEqualTo("not json");
    }

    @Test
    void shouldKeepEveryDigitOfAStoredRecord() {
        byte[] ndjson = ExportTools.export(snapshot, ExportRequest.everything(ExportFormat.NDJSON));
        assertThat(new String(ndjson, StandardCharsets.UTF_8)).contains("12345678901234567890");
    }

    @Test
    void shouldKeepOnlyTheWindow() {
        TimeWindow window = new TimeWindow(START_NS + 1_000_000_002L, START_NS + 9_000_000_000L);
        assertThat(lines(new ExportRequest(ExportFormat.NDJSON, List.of(), window, "")))
                .extracting(line -> line.getString("message"))
                .containsExactly("oom kill");
    }

    @Test
    void shouldRefuseAPacketFilter() {
        assertThatThrownBy(() -> new ExportRequest(ExportFormat.NDJSON, List.of(), TimeWindow.ALL, "tcp"))
                .hasMessageContaining("ndjson");
    }

    private List<JsonObject> lines(ExportRequest request) {
        return new String(ExportTools.export(snapshot, request), StandardCharsets.UTF_8)
                .lines()
                .map(JsonObject::new)
                .toList();
    }

    @Test
    void shouldPutRecordsBetweenThePacketsOfTheirTime() {
        Tools.require("tshark");
        for (String bpf : List.of("", "udp or tcp")) {
            Path exported =
                    ExportTools.exportTo(
                            folder.resolve("out.pcapng"),
                            snapshot,
                            new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, bpf));
            assertThat(
                            Tools.run("tshark", "-r", exported.toString(), "-T", "fields", "-e", "_ws.col.Protocol")
                                    .succeeded()
                                    .lines())
                    .hasSize(4)
                    .satisfies(protocols -> assertThat(protocols.get(1)).containsIgnoringCase("journal"))
                    .satisfies(protocols -> assertThat(protocols.get(2)).containsIgnoringCase("journal"));
            for (String tool : List.of("capinfos", "tcpdump -r", "mergecap -w /dev/null")) {
                String[] command = (tool + " " + exported).split(" ", -1);
                Tools.run(command).succeeded();
            }
        }
    }

    @Test
    void shouldCountWhatPcapCannotHold() {
        ExportPlan plan = Exporter.plan(snapshot, ExportRequest.everything(ExportFormat.PCAP));
        ExportStatistics statistics = Exporter.exportTo(plan, folder.resolve("out.pcap"));
        assertThat(statistics.packets()).isEqualTo(2);
        assertThat(statistics.bytes()).isEqualTo(24 + 2 * 16 + 62 + 74);
    }
}
