package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;

/** A merge is a stable sort of all records, whatever chunks look like; times repeat and run backwards here. */
class MergePropertyTest {
    private final Path folder = temporaryFolder();

    @Property(tries = 200)
    void shouldEqualAStableSort(@ForAll("snapshots") List<List<List<Integer>>> nodes) {
        List<PcapPacket> expected = new ArrayList<>();
        SnapshotFiles snapshot = write(nodes, expected);
        expected.sort(Comparator.comparingLong(PcapPacket::timestampNs));

        byte[] pcap = ExportTools.export(snapshot, ExportRequest.everything(ExportFormat.PCAP));
        assertThat(PcapPacket.read(pcap)).isEqualTo(expected);

        // The same through buffers so small that nearly every block lies across two of them.
        byte[] whole = ExportTools.export(snapshot, ExportRequest.everything(ExportFormat.PCAPNG));
        assertThat(ExportTools.exportInSteps(snapshot, ExportRequest.everything(ExportFormat.PCAPNG), 100))
                .isEqualTo(
                        ExportTools.exportInSteps(
                                snapshot, ExportRequest.everything(ExportFormat.PCAPNG), whole.length + 1000));
    }

    @Property
    void shouldSortStably(@ForAll List<Integer> steps) {
        long[] timesNs = steps.stream().mapToLong(step -> Math.floorMod(step, 50)).toArray();
        int[] expected =
                Stream.iterate(0, i -> i + 1)
                        .limit(timesNs.length)
                        .sorted(Comparator.comparingLong(i -> timesNs[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        assertThat(RecordOrder.sorted(timesNs)).isEqualTo(expected);
        assertThat(RecordOrder.sorted(LongStream.of(timesNs).sorted().toArray()))
                .isEqualTo(Stream.iterate(0, i -> i + 1).limit(timesNs.length).mapToInt(i -> i).toArray());
    }

    /** Per node a list of chunks, per chunk its records' times. */
    @Provide
    Arbitrary<List<List<List<Integer>>>> snapshots() {
        return Arbitraries.integers()
                .between(0, 40)
                .list()
                .ofMaxSize(30)
                .list()
                .ofMaxSize(5)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    private SnapshotFiles write(List<List<List<Integer>>> nodes, List<PcapPacket> all) {
        SnapshotFixture fixture = new SnapshotFixture(folder);
        for (int node = 0; node < nodes.size(); node++) {
            List<byte[]> chunks = new ArrayList<>();
            for (List<Integer> times : nodes.get(node)) {
                chunks.add(ChunkFixtures.node("n" + node).sequence(chunks.size() + 1).packets(packets(times, all)));
            }
            fixture.node("n" + node, chunks);
        }
        return fixture.files();
    }

    private static List<FixturePacket> packets(List<Integer> times, List<PcapPacket> all) {
        List<FixturePacket> packets = new ArrayList<>();
        for (int time : times) {
            byte[] data = ByteBuffer.wrap(new byte[20 + all.size() % 7]).putInt(16, all.size()).array();
            packets.add(FixturePacket.ethernet("eth" + time % 3, SnapshotFixture.START_NS + time, data));
            all.add(new PcapPacket(SnapshotFixture.START_NS + time, data.length, HexFormat.of().formatHex(data)));
        }
        return packets;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("hindsight-merge");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterProperty
    void delete() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
