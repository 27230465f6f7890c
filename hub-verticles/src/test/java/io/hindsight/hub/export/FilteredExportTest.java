package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilteredExportTest {
    private static final int RAW_IP = 101;

    @TempDir private Path folder;

    private SnapshotFiles snapshot;

    @BeforeEach
    void writeSnapshot() {
        Tools.require("tcpdump");
        SnapshotFixture fixture = new SnapshotFixture(folder);
        for (int node = 1; node <= 2; node++) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                for (byte[] frame : Frames.everyKind(i)) {
                    packets.add(FixturePacket.ethernet("eth0", START_NS + 2000L * packets.size() + node, frame));
                }
            }
            fixture.node("node-" + node, List.of(ChunkFixtures.node("node-" + node).packets(packets)));
        }
        snapshot = fixture.files();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp",
                "tcp port 80",
                "udp and port 53",
                "not tcp",
                "host 10.0.0.1",
                "src host 10.0.0.2 and dst net 10.0.1.0/30",
                "ip6",
                "ip6 and udp dst port 53",
                "arp",
                "icmp",
                "vlan",
                "vlan 100",
                "vlan 101 or vlan 102",
                "vlan 7 and vlan 8",
                "vlan and vlan and tcp port 22",
                "ip[6:2] & 0x1fff != 0",
                "ip[6:2] & 0x3fff != 0",
                "tcp[tcpflags] & tcp-syn != 0",
                "greater 150",
                "less 80",
                "ether src 02:00:00:00:00:02",
                "ip broadcast or not ip"
            })
    void shouldChooseWhatTcpdumpChooses(String expression) {
        Path all =
                ExportTools.exportTo(
                        folder.resolve("all.pcapng"), snapshot, ExportRequest.everything(ExportFormat.PCAPNG));
        List<PcapPacket> expected = tcpdumpOrRefuse(all, expression);

        for (ExportFormat format : List.of(ExportFormat.PCAPNG, ExportFormat.PCAP)) {
            ExportRequest request = new ExportRequest(format, List.of(), TimeWindow.ALL, expression);
            if (expected.isEmpty()) {
                continue;
            }
            Path filtered = ExportTools.exportTo(folder.resolve("filtered"), snapshot, request);
            assertThat(ExportTools.tcpdump(filtered)).isEqualTo(expected);
        }
    }

    /** tcpdump refuses {@code ip broadcast} without a netmask; then so must we. */
    private List<PcapPacket> tcpdumpOrRefuse(Path all, String expression) {
        if (expression.contains("broadcast")) {
            assertThatThrownBy(() ->
                            Exporter.plan(
                                    snapshot,
                                    new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, expression)))
                    .hasMessageContaining("netmask not known");
            return List.of();
        }
        List<PcapPacket> expected = ExportTools.tcpdump(all, expression);
        assertThat(expected).isNotEmpty();
        return expected;
    }

    @Test
    void shouldRefuseAFilterBeforeAnythingIsWritten() {
        assertThatThrownBy(() ->
                        Exporter.plan(
                                snapshot,
                                new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, "tcp prt 80")))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER));
    }

    @Test
    void shouldApplyTheFilterToEachLinkTypeAndRefuseSeveralInPcap() {
        byte[] ethernet = Frames.udp(1, 53, 20);
        byte[] raw = new byte[ethernet.length - 14];
        System.arraycopy(ethernet, 14, raw, 0, raw.length);
        List<FixturePacket> packets =
                List.of(
                        FixturePacket.ethernet("eth0", START_NS, ethernet),
                        new FixturePacket("tun0", RAW_IP, START_NS + 1, 1, raw.length, raw),
                        FixturePacket.ethernet("eth0", START_NS + 2, Frames.arp(1)));
        SnapshotFiles mixed =
                new SnapshotFixture(folder)
                        .node("mixed", List.of(ChunkFixtures.node("mixed").packets(packets)))
                        .files();

        assertThat(statistics(mixed, "udp port 53").packets()).isEqualTo(2);
        assertThat(statistics(mixed, "ether src 02:00:00:00:00:02").packets()).isEqualTo(2);
        assertThat(statistics(mixed, "arp").filteredOut()).isEqualTo(2);

        assertThatThrownBy(() -> Exporter.plan(mixed, ExportRequest.everything(ExportFormat.PCAP)))
                .hasMessageContaining("linkTypes=1,101");
        ExportRequest arps = new ExportRequest(ExportFormat.PCAP, List.of(), TimeWindow.ALL, "arp");
        assertThat(PcapPacket.read(ExportTools.export(mixed, arps))).hasSize(1);
    }

    private ExportStatistics statistics(SnapshotFiles files, String expression) {
        ExportRequest request = new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, expression);
        return Exporter.exportTo(Exporter.plan(files, request), folder.resolve("mixed.out"));
    }

    @Test
    void shouldBeReadByToolsAlsoWhenNothingWasChosen() {
        ExportRequest nothing = new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, "tcp port 1");
        Path empty = ExportTools.exportTo(folder.resolve("empty.pcapng"), snapshot, nothing);

        assertThat(ExportTools.tcpdump(empty)).isEmpty();
        Tools.run("capinfos", empty.toString()).succeeded();
        Tools.run("tshark", "-r", empty.toString()).succeeded();
    }
}
