package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters by names beside filters by address and time that say the same. */
class MeaningFilterTest {
    @TempDir private Path folder;

    private final ShopStory story = new ShopStory();
    private SnapshotFiles snapshot = new SnapshotFixture(Path.of("")).files();

    @BeforeEach
    void writeSnapshot() {
        Tools.require("tcpdump");
        snapshot = story.write(folder);
    }

    private static MeaningFilter namespaces(String... names) {
        return new MeaningFilter(List.of(names), List.of(), List.of(), List.of(), List.of());
    }

    private static MeaningFilter pods(String... names) {
        return new MeaningFilter(List.of(), List.of(names), List.of(), List.of(), List.of());
    }

    private static MeaningFilter labels(String... names) {
        return new MeaningFilter(List.of(), List.of(), List.of(names), List.of(), List.of());
    }

    private static MeaningFilter services(String... names) {
        return new MeaningFilter(List.of(), List.of(), List.of(), List.of(names), List.of());
    }

    private static MeaningFilter processes(String... names) {
        return new MeaningFilter(List.of(), List.of(), List.of(), List.of(), List.of(names));
    }

    private List<PcapPacket> packets(MeaningFilter filter, String bpf) {
        ExportRequest request = new ExportRequest(ExportFormat.PCAP, List.of(), TimeWindow.ALL, bpf).about(filter);
        return PcapPacket.read(export(request));
    }

    private byte[] export(ExportRequest request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Exporter.exportTo(Exporter.plan(snapshot, request, story::resolution), Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    /** What tcpdump chooses of everything, between two times in milliseconds. */
    private List<PcapPacket> expected(String bpf, long fromMs, long toMs) {
        TimeWindow window = new TimeWindow(ShopStory.at(fromMs), ShopStory.at(toMs));
        Path all =
                ExportTools.exportTo(
                        folder.resolve("all.pcapng"),
                        snapshot,
                        new ExportRequest(ExportFormat.PCAPNG, List.of("node-1"), window, ""));
        List<PcapPacket> packets = ExportTools.tcpdump(all, bpf);
        assertThat(packets).isNotEmpty();
        return packets;
    }

    @Test
    void shouldChoosePodsByTheAddressThatTheyHadThen() {
        assertThat(packets(pods("checkout-7f8b"), "")).isEqualTo(expected("host 10.0.0.1", 0, 30_000));
        assertThat(packets(pods("shop/newcomer"), "")).isEqualTo(expected("host 10.0.0.1", 40_000, 60_000));
        // A later fragment is held by who holds its address.
        assertThat(packets(pods("idle"), "udp")).isEqualTo(expected("host 10.0.0.3", 0, 60_000)).hasSize(3);
        // Over loopback the pod is known by the process that accepted.
        assertThat(packets(pods("idle"), "")).isEqualTo(expected("host 10.0.0.3 or port 50000", 0, 60_000)).hasSize(5);
    }

    @Test
    void shouldTakeAnyOfAKindAndAllKinds() {
        List<PcapPacket> both =
                Stream.concat(
                                expected("host 10.0.0.1 or host 10.0.0.3 or port 50000", 0, 30_000).stream(),
                                expected("host 10.0.0.1 or host 10.0.0.3", 40_000, 60_000).stream())
                        .toList();
        assertThat(packets(pods("checkout-7f8b", "newcomer", "idle"), "")).isEqualTo(both);
        assertThat(packets(namespaces("shop"), "")).isEqualTo(both);
        assertThat(packets(namespaces("shop"), "udp port 53")).isEqualTo(expected("udp port 53", 0, 60_000));
        assertThat(packets(labels("app=ledger"), "")).isEqualTo(expected("host 10.0.0.2", 0, 60_000));
        assertThat(packets(labels("tier"), ""))
                .isEqualTo(packets(pods("checkout-7f8b", "newcomer", "idle", "ledger-0"), ""));

        MeaningFilter nobody = new MeaningFilter(List.of("payments"), List.of("idle"), List.of(), List.of(), List.of());
        assertThat(packets(nobody, "")).isEmpty();
        MeaningFilter one = new MeaningFilter(List.of("shop"), List.of(), List.of("app=idle"), List.of(), List.of());
        assertThat(packets(one, "udp")).isEqualTo(expected("host 10.0.0.3", 0, 60_000));
    }

    @Test
    void shouldTakeAServiceForItsAddressAndItsPods() {
        assertThat(packets(services("ledger"), ""))
                .isEqualTo(expected("host 10.96.0.10 or host 10.0.0.2", 0, 60_000))
                .isEqualTo(packets(services("payments/ledger"), ""));
    }

    @Test
    void shouldChooseFlowsByTheirProcess() {
        List<PcapPacket> ofCurl = expected("host 127.0.0.1 and port 50000", 0, 60_000);
        assertThat(packets(processes("curl"), "")).isEqualTo(ofCurl).hasSize(2);
        assertThat(packets(processes("pid:60"), "")).isEqualTo(ofCurl);
        // The first two before, the others after the service's address was translated.
        assertThat(packets(processes("nginx"), "")).isEqualTo(expected("port 40000", 0, 60_000)).hasSize(4);
        assertThat(packets(processes("java"), "")).isEqualTo(expected("port 40000 and host 10.0.0.2", 0, 60_000));
        MeaningFilter inNamespace =
                new MeaningFilter(List.of("payments"), List.of(), List.of(), List.of(), List.of("nginx"));
        assertThat(packets(inNamespace, "")).isEqualTo(expected("port 40000", 0, 60_000));
    }

    @Test
    void shouldKeepEventsOfWhatIsChosen() {
        assertThat(messages(pods("checkout-7f8b")))
                .containsExactly(
                        "CONNECT nginx", "ACCEPT java", "ADDED Event checkout-7f8b.17", "DELETED Pod checkout-7f8b");
        assertThat(messages(processes("curl"))).containsExactly("EXEC curl", "CONNECT curl", "EXIT curl");
        assertThat(messages(namespaces("payments"))).containsExactly("CONNECT nginx", "ACCEPT java");
        assertThat(messages(pods("newcomer"))).containsExactly("ADDED Pod newcomer");
    }

    private List<String> messages(MeaningFilter filter) {
        byte[] lines = export(ExportRequest.everything(ExportFormat.NDJSON).about(filter));
        return new String(lines, StandardCharsets.UTF_8)
                .lines()
                .map(line -> new JsonObject(line).getString("message"))
                .toList();
    }

    @Test
    void shouldRefuseNamesThatNothingHad() {
        assertUnknown("namespace", namespaces("shop", "shoop"));
        assertUnknown("pod", pods("checkout"));
        assertUnknown("pod", pods("payments/idle"));
        assertUnknown("label", labels("app=x"));
        assertUnknown("service", services("ledger-0"));
        assertUnknown("process", processes("wget"));
        assertUnknown("process", processes("curl", "pid:1234"));
        assertThatThrownBy(() -> packets(pods("chekout"), ""))
                .hasMessageContaining("\"chekout\"")
                .hasMessageContaining("it knows 4: payments/ledger-0, shop/checkout-7f8b, shop/idle, shop/newcomer");
    }

    private void assertUnknown(String field, MeaningFilter filter) {
        assertThatThrownBy(() -> packets(filter, ""))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(e.field()).isEqualTo(field);
                        });
    }

    @Test
    void shouldRefuseNamesWhereASnapshotKnowsNone() {
        ExportRequest request = ExportRequest.everything(ExportFormat.PCAPNG).about(pods("idle"));
        assertThatThrownBy(() -> Exporter.plan(snapshot, request, () -> Resolution.NONE))
                .hasMessageContaining("no events by which names could be known")
                .hasMessageContaining("pod idle");
    }

    @Test
    void shouldTakeNamesAsTheyAre() {
        for (String hostile : List.of("../../etc/passwd", ".*", "ledger-0' or 1=1", "a\0b", "-rf", "ledger.0")) {
            assertUnknown("pod", pods(hostile));
        }
        assertThatThrownBy(() -> pods("")).hasMessageContaining("pod");
        assertThatThrownBy(() -> pods("x".repeat(MeaningFilter.MAX_VALUE_LENGTH + 1)))
                .hasMessageContaining("limit=600");
        assertThatThrownBy(() -> pods(Stream.generate(() -> "a").limit(65).toArray(String[]::new)))
                .hasMessageContaining("limit=64");
        assertThatThrownBy(() -> processes("pid:x")).hasMessageContaining("pid:");
        assertThatThrownBy(() -> processes("pid:99999999999")).hasMessageContaining("pid:");
    }

    @Test
    void shouldPassOverBrokenEventsAndCountThem() {
        List<FixtureEntry> broken =
                Stream.of(
                                "{",
                                "null",
                                "[]",
                                "not json",
                                "{\"kind\": 1e999}",
                                "{\"kind\":\"NO_SUCH\"}",
                                "[".repeat(100_000),
                                "{\"arguments\":[null]}")
                        .map(json ->
                                new FixtureEntry(
                                        ShopStory.at(4_000), Map.of("MESSAGE", "broken", "HINDSIGHT_JSON", json)))
                        .toList();
        snapshot = story.write(folder, broken);

        ExportStatistics all =
                Exporter.exportTo(
                        Exporter.plan(snapshot, ExportRequest.everything(ExportFormat.PCAPNG), story::resolution),
                        folder.resolve("out"));
        assertThat(all.records()).isEqualTo(9 + broken.size());
        assertThat(all.unreadable()).isZero();

        Path filtered = folder.resolve("filtered.pcapng");
        ExportStatistics chosen =
                Exporter.exportTo(
                        Exporter.plan(
                                snapshot,
                                ExportRequest.everything(ExportFormat.PCAPNG).about(processes("curl")),
                                story::resolution),
                        filtered);
        assertThat(chosen.packets()).isEqualTo(2);
        assertThat(chosen.unreadable()).isEqualTo(broken.size());
        assertThat(Tools.run("tshark", "-r", filtered.toString()).succeeded().lines()).hasSize(2 + 3);
        assertThat(Tools.run("capinfos", filtered.toString()).succeeded().stdout())
                .contains("only what concerns process curl");
    }
}
