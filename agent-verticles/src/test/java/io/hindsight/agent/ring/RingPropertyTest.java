package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.DropCause;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RingPropertyTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final int SLOTS = 64;
    private static final int WRITERS = 2;

    /** Something that a capture thread does. */
    sealed interface Step {
        int writer();
    }

    private record Put(int writer, int interfaceId, long timestampNs, int length) implements Step {}

    private record Commit(int writer) implements Step {}

    private record Seal(int writer) implements Step {}

    private record Drop(int writer, int count) implements Step {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> writers = Arbitraries.integers().between(0, WRITERS - 1);
        Arbitrary<Step> put =
                Combinators.combine(
                                writers,
                                Arbitraries.integers().between(0, 40),
                                Arbitraries.longs().between(-5, 1_000),
                                Arbitraries.integers().between(0, 66_000))
                        .as(Put::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(20, put),
                        net.jqwik.api.Tuple.of(4, writers.map(Commit::new)),
                        net.jqwik.api.Tuple.of(1, writers.map(Seal::new)),
                        net.jqwik.api.Tuple.of(
                                1, Combinators.combine(writers, Arbitraries.integers().between(1, 9)).as(Drop::new)))
                .list()
                .ofMaxSize(120);
    }

    @Property(tries = 150)
    void shouldHoldWhatWasPutInInOrderWhateverTheInterleaving(@ForAll("steps") List<Step> steps) {
        Map<Integer, CaptureInterface> interfaces = new HashMap<>();
        Map<Integer, List<Packet>> put = new HashMap<>();
        Map<Integer, Long> dropped = new HashMap<>();
        Path folder = Folders.create();
        try (Ring ring = Ring.open(TestPackets.spec(folder, (SLOTS + 1L) * SLOT_SIZE, SLOT_SIZE))) {
            List<RingWriter> writers = new ArrayList<>();
            for (int number = 0; number < WRITERS; number++) {
                writers.add(ring.writer(number));
            }
            for (Step step : steps) {
                RingWriter writer = writers.get(step.writer());
                switch (step) {
                    case Put one -> {
                        Packet packet = packet(one.timestampNs(), one.length());
                        TestPackets.put(
                                writer,
                                interfaces.computeIfAbsent(
                                        one.interfaceId(), id -> new CaptureInterface(id, "if" + id, id, 1, 0, "")),
                                packet);
                        put.computeIfAbsent(one.writer(), number -> new ArrayList<>()).add(packet);
                    }
                    case Commit ignored -> writer.commit();
                    case Seal ignored -> writer.seal();
                    case Drop one -> {
                        writer.dropped(DropCause.KERNEL, one.count());
                        dropped.merge(one.writer(), (long) one.count(), Long::sum);
                    }
                }
            }
            // A drop reaches a chunk with the next packet.
            for (int number = 0; number < WRITERS; number++) {
                Packet last = packet(1, 1);
                TestPackets.put(writers.get(number), interfaces.computeIfAbsent(0, id -> TestPackets.ETH0), last);
                put.computeIfAbsent(number, key -> new ArrayList<>()).add(last);
                writers.get(number).close();
            }
            check(ring, put, dropped);
        } finally {
            Folders.delete(folder);
        }
    }

    private static void check(Ring ring, Map<Integer, List<Packet>> put, Map<Integer, Long> dropped) {
        Map<Integer, List<Packet>> read = new HashMap<>();
        Map<Integer, Long> lost = new HashMap<>();
        long sequence = 0;
        for (SlotInfo slot : ring.slots()) {
            assertThat(slot.sequence()).isEqualTo(++sequence);
            ChunkHeader header = ChunkVerifier.checkRecords(ring.slot(slot.index()), 0);
            List<Packet> packets = withoutInterface(TestPackets.read(ring, slot));
            read.computeIfAbsent(header.writer(), number -> new ArrayList<>()).addAll(packets);
            lost.merge(header.writer(), header.dropped(DropCause.KERNEL), Long::sum);
            long first = packets.stream().mapToLong(Packet::timestampNs).min().orElseThrow();
            long last = packets.stream().mapToLong(Packet::timestampNs).max().orElseThrow();
            assertThat(header.firstTimestampNs()).isEqualTo(first).isEqualTo(slot.firstTimestampNs());
            assertThat(header.lastTimestampNs()).isEqualTo(last).isEqualTo(slot.lastTimestampNs());
        }
        assertThat(read).isEqualTo(put);
        for (int number = 0; number < WRITERS; number++) {
            assertThat(lost.get(number)).isEqualTo(dropped.getOrDefault(number, 0L));
        }
    }

    private static List<Packet> withoutInterface(List<Packet> packets) {
        return packets.stream().map(packet -> new Packet(packet.timestampNs(), 0, packet.data())).toList();
    }
}
