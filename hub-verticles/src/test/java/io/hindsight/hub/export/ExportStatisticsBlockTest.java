package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Gap;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.OptionCursor;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an export says is missing, as tshark reads it: the file's own blocks, not the packets. */
class ExportStatisticsBlockTest {
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private static byte[] chunk(String node, long sequence) {
        return chunk(node, sequence, 0L, 0L, 0L, 0L);
    }

    private static byte[] chunk(String node, long sequence, Long... drops) {
        return ChunkFixtures.node(node)
                .sequence(sequence)
                .drops(drops)
                .packets(
                        List.of(
                                FixturePacket.ethernet("eth0", START_NS + 10 * sequence, Frames.arp(1)),
                                FixturePacket.ethernet("eth1", START_NS + 10 * sequence + 1, Frames.arp(2))));
    }

    private static Gap gap(Gap.Cause cause, long fromSecond, long toSecond, String detail) {
        return new Gap(
                EpochNanos.toInstant(START_NS + fromSecond * 1_000_000_000L),
                EpochNanos.toInstant(START_NS + toSecond * 1_000_000_000L),
                cause,
                detail,
                null);
    }

    /** The Interface Statistics Blocks, each as tshark dissects it. */
    private static List<String> statistics(Path exported) {
        String dissected =
                Tools.run("tshark", "-r", exported.toString(), "-X", "read_format:MIME Files Format", "-V")
                        .succeeded()
                        .stdout();
        return Arrays.stream(dissected.split("(?m)^ {4}Block: ", -1))
                .filter(block -> block.startsWith("Interface Statistics Block"))
                .toList();
    }

    @Test
    void shouldTellDropsAndGapsOfEachNodeOnItsFirstInterface() {
        Tools.require("tshark");
        SnapshotFiles snapshot =
                new SnapshotFixture(folder)
                        .node("a", List.of(chunk("a", 1, 5L, 7L, 0L, 0L), chunk("a", 2, 1L, 0L, 2L, 4L)))
                        .gaps(
                                gap(Gap.Cause.NOT_RECORDED, 2, 4, "The agent was down."),
                                gap(Gap.Cause.DROPPED_BY_KERNEL, 0, 1, "6 records were dropped."))
                        .node("b", List.of(chunk("b", 1, 0L, 0L, 0L, 0L)))
                        .files();

        List<String> blocks = statistics(ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL));

        assertThat(blocks).hasSize(4);
        assertThat(blocks.get(0))
                .contains("Number of Dropped Packets: 6\n")
                .contains("Number of Dropped Packets by OS: 13\n")
                .containsSubsequence(
                        "gap 2026-11-22T21:30:00Z to 2026-11-22T21:30:01Z DROPPED_BY_KERNEL: 6 records were dropped.",
                        "gap 2026-11-22T21:30:02Z to 2026-11-22T21:30:04Z NOT_RECORDED: The agent was down.");
        assertThat(blocks.subList(1, 4))
                .allSatisfy(block ->
                        assertThat(block)
                                .doesNotContain("gap ")
                                .contains("Number of Dropped Packets: 0\n", "Number of Dropped Packets by OS: 0\n"));
    }

    @Test
    void shouldSayWhichTimeTheStatisticsAreOf() {
        SnapshotFiles snapshot =
                new SnapshotFixture(folder).node("a", List.of(chunk("a", 1), chunk("a", 2))).clock(-7, 0).files();
        TimeWindow window = new TimeWindow(START_NS + 5, Long.MAX_VALUE);

        byte[] exported =
                ExportTools.export(snapshot, new ExportRequest(ExportFormat.PCAPNG, List.of(), window, "", true));

        // The last packet, whose clock was 7 ns ahead; the chosen times' begin, and the corrected window's end.
        assertThat(statisticsTimes(exported))
                .startsWith(START_NS + 14, START_NS + 5, START_NS + 3_600_000_000_000L - 7);
    }

    /** A node whose clock is a minute ahead was asked for a window a minute later, by its time. */
    @Test
    void shouldTellTheSameStretchOfTimeForANodeWhoseClockIsFarOff() {
        long minuteNs = 60_000_000_000L;
        SnapshotFiles snapshot =
                new SnapshotFixture(folder)
                        .node("a", List.of(chunk("a", 1)))
                        .clock(-minuteNs, 0)
                        .windowShift(minuteNs)
                        .gaps(gap(Gap.Cause.RECYCLED, 60, 61, "x"))
                        .files();
        long endNs = START_NS + 3_600_000_000_000L;

        byte[] asRecorded = ExportTools.export(snapshot, ALL);
        byte[] corrected =
                ExportTools.export(
                        snapshot, new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, "", true));

        assertThat(statisticsTimes(asRecorded).subList(1, 3)).containsExactly(START_NS + minuteNs, endNs + minuteNs);
        assertThat(statisticsTimes(corrected).subList(1, 3)).containsExactly(START_NS, endNs);
        assertThat(new String(corrected, StandardCharsets.UTF_8))
                .contains("gap 2026-11-22T21:30:00Z to 2026-11-22T21:30:01Z RECYCLED: x");
    }

    /** Times that tshark does not spell out: of each statistics block its own, and those of its options. */
    private static List<Long> statisticsTimes(byte[] exported) {
        MemorySegment file = MemorySegment.ofArray(exported);
        List<Long> times = new ArrayList<>();
        BlockCursor blocks = new BlockCursor(file, 0, exported.length);
        while (blocks.next()) {
            if (blocks.type() == InterfaceStatisticsBlockDescriptor.TYPE) {
                long block = blocks.offset();
                times.add(timestamp(file, block + InterfaceStatisticsBlockDescriptor.TIMESTAMP_HIGH_OFFSET));
                OptionCursor options =
                        new OptionCursor(
                                file,
                                block + InterfaceStatisticsBlockDescriptor.OPTIONS_OFFSET,
                                block + blocks.length() - BlockDescriptor.TRAILER_LENGTH);
                while (options.next()) {
                    if (options.code() == InterfaceStatisticsBlockDescriptor.OPTION_START_TIME
                            || options.code() == InterfaceStatisticsBlockDescriptor.OPTION_END_TIME) {
                        times.add(timestamp(MemorySegment.ofArray(options.value()), 0));
                    }
                }
            }
        }
        return times;
    }

    private static long timestamp(MemorySegment bytes, long offset) {
        return Long.rotateLeft(bytes.get(LittleEndian.U64, offset), 32);
    }

    @Test
    void shouldCountGapsBeyondTheBound() {
        Tools.require("tshark");
        Gap[] many = new Gap[NodeSummary.MAX_GAPS + 23];
        Arrays.setAll(many, i -> gap(Gap.Cause.RECYCLED, i, i + 1, "x".repeat(3_000)));
        SnapshotFiles snapshot = new SnapshotFixture(folder).node("a", List.of(chunk("a", 1))).gaps(many).files();

        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL);

        String block = statistics(exported).getFirst();
        assertThat(block.split("Option: Comment = gap 2026", -1)).hasSize(NodeSummary.MAX_GAPS + 1);
        assertThat(block).contains("and 23 more gaps; see the manifest");
        for (String tool : List.of("capinfos", "tcpdump -r", "mergecap -w /dev/null", "tshark -r")) {
            Tools.run((tool + " " + exported).split(" ", -1)).succeeded();
        }
        Path edited = folder.resolve("edited.pcapng");
        Tools.run("editcap", exported.toString(), edited.toString()).succeeded();
        assertThat(Tools.run("capinfos", edited.toString()).succeeded().stdout()).contains("RECYCLED");
    }

    @Test
    void shouldLeaveOutGapsOutsideTheChosenTimes() {
        Tools.require("tshark");
        SnapshotFiles snapshot =
                new SnapshotFixture(folder)
                        .node("a", List.of(chunk("a", 1)))
                        .gaps(gap(Gap.Cause.RECYCLED, 0, 1, "early"), gap(Gap.Cause.CORRUPT, 8, 9, "late"))
                        .files();
        ExportRequest request =
                new ExportRequest(
                        ExportFormat.PCAPNG, List.of(), new TimeWindow(START_NS, START_NS + 2_000_000_000L), "");

        assertThat(statistics(ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, request)).getFirst())
                .contains("early")
                .doesNotContain("late");
    }

    @Test
    void shouldNameNodesThatDeliveredNothing() {
        Tools.require("capinfos");
        SnapshotFiles snapshot =
                new SnapshotFixture(folder)
                        .node("a", List.of(chunk("a", 1)))
                        .absent("gone", gap(Gap.Cause.NODE_UNREACHABLE, 0, 60, "No heartbeat."))
                        .absent("idle")
                        .files();

        String capinfos =
                Tools.run("capinfos", ExportTools.exportTo(folder.resolve("o.pcapng"), snapshot, ALL).toString())
                        .succeeded()
                        .stdout();

        assertThat(capinfos)
                .contains("node gone delivered nothing", "node idle delivered nothing", "Name = a/eth0")
                .contains(
                        "node gone: gap 2026-11-22T21:30:00Z to 2026-11-22T21:31:00Z NODE_UNREACHABLE: No heartbeat.");
        ExportRequest two = new ExportRequest(ExportFormat.PCAPNG, List.of("a", "gone"), TimeWindow.ALL, "");
        assertThat(Exporter.plan(snapshot, two).comments())
                .anyMatch(comment -> comment.contains("gone"))
                .noneMatch(comment -> comment.contains("idle"));
        ExportRequest gone = new ExportRequest(ExportFormat.PCAPNG, List.of("gone"), TimeWindow.ALL, "");
        assertThatThrownBy(() -> Exporter.plan(snapshot, gone))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("node=gone");
    }

    @Test
    void shouldNotSendStoredBytesWhereThereIsAGapToTell() {
        SnapshotFiles whole = new SnapshotFixture(folder).node("a", List.of(chunk("a", 1))).files();
        SnapshotFiles withGap =
                new SnapshotFixture(folder)
                        .node("a", List.of(chunk("a", 1)))
                        .gaps(gap(Gap.Cause.RECYCLED, 0, 1, "x"))
                        .files();
        SnapshotFiles withAbsent = new SnapshotFixture(folder).node("a", List.of(chunk("a", 1))).absent("b").files();

        assertThat(Exporter.plan(whole, ALL).storedCopy()).isPresent();
        assertThat(Exporter.plan(withGap, ALL).storedCopy()).isEmpty();
        assertThat(Exporter.plan(withGap, ALL).reason()).contains("missing");
        assertThat(Exporter.plan(withAbsent, ALL).storedCopy()).isEmpty();
    }
}
