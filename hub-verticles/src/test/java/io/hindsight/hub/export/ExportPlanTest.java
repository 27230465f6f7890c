package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Gap;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportPlanTest {
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private SnapshotFiles snapshot() {
        return new SnapshotFixture(folder).node("a", List.of(chunk("a", 1))).node("b", List.of(chunk("b", 1))).files();
    }

    private static byte[] chunk(String node, long sequence) {
        return ChunkFixtures.node(node)
                .sequence(sequence)
                .drops(5L, 7L, 0L, 0L)
                .packets(List.of(FixturePacket.ethernet("eth0", START_NS + sequence, Frames.arp(1))));
    }

    @Test
    void shouldNameTheFileAfterSnapshotAndStart() {
        assertThat(Exporter.plan(snapshot(), ALL).fileName()).isEqualTo("checkout-500s-20261122T213000Z.pcapng");
        ExportRequest later =
                new ExportRequest(
                        ExportFormat.PCAP, List.of(), new TimeWindow(START_NS + 61_000_000_000L, Long.MAX_VALUE), "");
        assertThat(Exporter.plan(snapshot(), later).fileName()).isEqualTo("checkout-500s-20261122T213101Z.pcap");
    }

    @Test
    void shouldMakeAHeaderOfAnyName() {
        assertThat(fileName("../../etc/passwd\r\nSet-Cookie: x"))
                .isEqualTo("etc-passwd-Set-Cookie-x-19700101T000000Z.pcapng");
        assertThat(fileName("  ")).isEqualTo("s9-19700101T000000Z.pcapng");
        assertThat(ContentDisposition.attachment(fileName("Störung 2")))
                .isEqualTo(
                        "attachment; filename=\"St_rung-2-19700101T000000Z.pcapng\"; "
                                + "filename*=UTF-8''St%C3%B6rung-2-19700101T000000Z.pcapng");
        assertThat(ContentDisposition.attachment("a\"b\r\nc"))
                .isEqualTo("attachment; filename=\"a_b__c\"; filename*=UTF-8''a%22b%0D%0Ac");
    }

    private static String fileName(String name) {
        return ExportFileName.of(
                new SnapshotFiles("s9", name, Instant.EPOCH, Instant.EPOCH, List.of(), List.of()), ALL);
    }

    @Test
    void shouldRefuseANodeThatIsNotThere() {
        assertThatThrownBy(() ->
                        Exporter.plan(
                                snapshot(), new ExportRequest(ExportFormat.PCAPNG, List.of("c"), TimeWindow.ALL, "")))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_NODE);
                            assertThat(e).hasMessageContaining("[a, b]");
                        });
    }

    @Test
    void shouldSayWhyItMerges() {
        assertThat(Exporter.plan(snapshot(), ALL).reason()).contains("2 nodes");
        ExportRequest one = new ExportRequest(ExportFormat.PCAPNG, List.of("a"), TimeWindow.ALL, "");
        assertThat(Exporter.plan(snapshot(), one).storedCopy()).isPresent();
        TimeWindow part = new TimeWindow(START_NS + 2, START_NS + 3);
        assertThat(Exporter.plan(snapshot(), new ExportRequest(ExportFormat.PCAPNG, List.of("a"), part, "")).reason())
                .contains("window");
    }

    @Test
    void shouldTellGapsAndDropsInCommentsAndStatistics() {
        Tools.require("tshark", "capinfos");
        SnapshotFiles plain = snapshot();
        Gap gap =
                new Gap(
                        Instant.ofEpochSecond(1),
                        Instant.ofEpochSecond(2),
                        Gap.Cause.RECYCLED,
                        "The ring was full.",
                        null);
        SnapshotFiles withGap =
                new SnapshotFiles(
                        "s1",
                        "x",
                        plain.from(),
                        plain.to(),
                        plain.nodes().stream()
                                .map(file ->
                                        new SnapshotFiles.NodeFile(file.node(), file.path(), List.of(gap), null, 0))
                                .toList(),
                        List.of());
        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), withGap, ALL);

        String capinfos = Tools.run("capinfos", exported.toString()).succeeded().stdout();
        assertThat(capinfos)
                .contains("hindsight snapshot s1")
                .contains("node a lost 5 records while recording, cause kernel")
                .contains("node b lost 7 records while recording, cause ring")
                .contains("node a: gap 1970-01-01T00:00:01Z to 1970-01-01T00:00:02Z RECYCLED: The ring was full.")
                .contains("Number of stat entries = 1");
    }

    @Test
    void shouldNameFileAndOffsetOfWhatIsBroken() throws Exception {
        SnapshotFiles files = snapshot();
        byte[] bytes = Files.readAllBytes(folder.resolve("b.pcapng"));
        for (int length : new int[] {1, 27, 100, bytes.length - 4}) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            Files.write(folder.resolve("b.pcapng"), cut);
            assertThatThrownBy(() -> Exporter.plan(files, ALL))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
                                assertThat(e).hasMessageContaining("file=b.pcapng").hasMessageContaining("offset=");
                            });
        }
    }
}
