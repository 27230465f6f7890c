package io.hindsight.agent.extract;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.api.Gap;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The wall clock is set back and forth while several writers record: a window still gets each record whose time lies in it exactly once, and no
 * other, and no gap claims a loss where there are records.
 */
class ClockStepPropertyTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final int PACKETS = 1_500;
    private static final long START_NS = 1_795_381_200_000_000_000L;
    private static final long HOUR_NS = 3_600_000_000_000L;

    /** The clock that is set. */
    private static final class SteppedClock extends Clock {
        private long nowNs = START_NS;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Only UTC.");
        }

        @Override
        public Instant instant() {
            return EpochNanos.toInstant(nowNs);
        }
    }

    @Property(tries = 40)
    void shouldFindEachRecordOfAWindowOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int writers)
            throws Exception {
        Path folder = Files.createTempDirectory("hindsight-steps");
        try {
            record(folder, new Random(seed), writers);
        } finally {
            remove(folder);
        }
    }

    private static void record(Path folder, Random random, int writerCount) throws Exception {
        SteppedClock clock = new SteppedClock();
        Ring.RingOptions options = new Ring.RingOptions(0.5, 0, clock, System::nanoTime);
        try (Ring ring = Ring.open(TestPackets.spec(folder, 24L * SLOT_SIZE, SLOT_SIZE), options)) {
            List<RingWriter> writers = Stream.iterate(0, i -> i + 1).limit(writerCount).map(ring::writer).toList();
            List<Packet> all = new ArrayList<>();
            for (int i = 0; i < PACKETS; i++) {
                step(clock, random);
                Packet packet = TestPackets.packet(clock.nowNs, 60 + random.nextInt(1_000));
                all.add(packet);
                RingWriter writer = writers.get(random.nextInt(writerCount));
                TestPackets.put(writer, TestPackets.ETH0, packet);
                ring.recording();
                if (random.nextInt(20) == 0) {
                    writer.commit();
                }
            }
            writers.forEach(RingWriter::commit);
            for (int i = 0; i < 5; i++) {
                check(ring, clock, window(all, random), all);
            }
            writers.forEach(RingWriter::close);
        }
    }

    /** Mostly a little forward, as packets come; a little back, as two processors see them; now and then the clock is set. */
    private static void step(SteppedClock clock, Random random) {
        int kind = random.nextInt(1_000);
        if (kind < 3) {
            clock.nowNs += random.nextLong(HOUR_NS);
        } else if (kind < 6) {
            clock.nowNs -= random.nextLong(HOUR_NS);
        } else {
            clock.nowNs += random.nextLong(2_000_000) - 100_000;
        }
    }

    private static TimeWindow window(List<Packet> all, Random random) {
        long one = all.get(random.nextInt(all.size())).timestampNs();
        long other = all.get(random.nextInt(all.size())).timestampNs();
        return new TimeWindow(Math.min(one, other), Math.max(one, other) + random.nextInt(2) + 1);
    }

    private static void check(Ring ring, Clock clock, TimeWindow window, List<Packet> all) throws Exception {
        ExtractSource source = new ExtractSource(ring, timeoutMs -> true);
        ExtractPlan plan =
                new ExtractPlanner(clock).plan(List.of(source), "s", window, Duration.ofMinutes(1), Map.of());
        List<ByteBuffer> found = new ArrayList<>();
        for (PlannedChunk planned : plan.chunks().toList()) {
            Optional<Chunk> chunk = ChunkPreparer.prepare(planned);
            chunk.ifPresent(prepared -> found.addAll(packets(prepared)));
        }
        ring.release("s");
        List<Packet> wanted = all.stream().filter(packet -> window.contains(packet.timestampNs())).toList();
        assertThat(found).containsExactlyInAnyOrderElementsOf(wanted.stream().map(Packet::data).toList());
        shouldNotDenyWhatIsThere(plan.gaps(), wanted);
    }

    /** But for the part of a window that lies ahead of the clock as it is now: it may be lived through once more. */
    private static void shouldNotDenyWhatIsThere(List<Gap> gaps, List<Packet> records) {
        for (Gap gap : gaps) {
            if (gap.cause() != Gap.Cause.NOT_YET_CAPTURED) {
                assertThat(records)
                        .as(gap.toString())
                        .noneMatch(packet -> contains(gap, EpochNanos.toInstant(packet.timestampNs())));
            }
        }
    }

    private static boolean contains(Gap gap, Instant time) {
        return !time.isBefore(gap.from()) && time.isBefore(gap.to());
    }

    private static List<ByteBuffer> packets(Chunk chunk) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(chunk.lengthBytes(), Long.BYTES);
            ByteBuffer target = bytes.asByteBuffer();
            for (ByteBuffer part : chunk.parts()) {
                target.put(part);
            }
            long body = ChunkVerifier.bodyOffset(bytes, 0);
            List<ByteBuffer> copies = new ArrayList<>();
            for (Packet packet : TestPackets.read(bytes, body, bytes.byteSize())) {
                byte[] copy = new byte[packet.data().remaining()];
                packet.data().duplicate().get(copy);
                copies.add(ByteBuffer.wrap(copy));
            }
            return copies;
        } finally {
            chunk.release();
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
