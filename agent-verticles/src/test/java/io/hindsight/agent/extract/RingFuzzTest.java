package io.hindsight.agent.extract;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Mutations;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ring's file is damaged anywhere while no recorder runs: the next one starts all the same, sends no packet that was never recorded, and records on.
 * {@code -Dhindsight.fuzz.seconds=N}, two unless set; a failure names its seed, and {@code -Dhindsight.fuzz.seed=N} starts there.
 */
class RingFuzzTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("hindsight.fuzz.seconds", 2));
    private static final long FIRST_SEED = Long.getLong("hindsight.fuzz.seed", 1);
    private static final Duration ROUND_LIMIT = Duration.ofSeconds(10);
    private static final int SLOT_SIZE = 64 << 10;
    private static final int SLOTS = 7;

    /** As FORMAT.md has it. */
    private static final class SlotPlaces {
        static final int DIRECTORY = 4_096;
        static final int ENTRY = 64;
        static final int FIRST = 8_192;
        static final int CHUNK_START = 512;

        static int of(int slot) {
            return FIRST + slot * SLOT_SIZE;
        }
    }

    private static final long START_NS = 1_795_381_200_000_000_000L;

    @TempDir Path folder;

    private final Map<Long, Packet> recorded = new HashMap<>();
    private byte[] whole = new byte[0];
    private int wholePackets;

    /** Twice around, the last chunk torn. */
    @BeforeEach
    void record() throws Exception {
        try (Ring ring = Ring.open(spec())) {
            RingWriter writer = ring.writer(0);
            for (int i = 0; i < 1_000; i++) {
                Packet packet = TestPackets.packet(START_NS + i * 1_000_000L, 60 + i * 37 % 1_400);
                recorded.put(packet.timestampNs(), packet);
                TestPackets.put(writer, TestPackets.ETH0, packet);
                writer.commit();
            }
            assertThat(ring.slots().getFirst().sequence()).isGreaterThan(3);
        }
        whole = Files.readAllBytes(spec().file());
        assertThat(whole).hasSize(SlotPlaces.of(SLOTS));
        wholePackets = readAndGoOn();
    }

    private RingSpec spec() {
        return TestPackets.spec(folder, SlotPlaces.of(SLOTS), SLOT_SIZE);
    }

    @Test
    void shouldNeverMisreadADamagedRing() throws Exception {
        long end = System.nanoTime() + DURATION.toNanos();
        int mostlyKept = 0;
        int partlyLost = 0;
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            long start = System.nanoTime();
            Files.write(spec().file(), damaged(new SplittableRandom(seed)));
            try {
                int packets = readAndGoOn();
                mostlyKept += packets > 0 ? 1 : 0;
                partlyLost += packets < wholePackets ? 1 : 0;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("Fuzzing fails with -Dhindsight.fuzz.seed=" + seed, e);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("seed " + seed).isLessThan(ROUND_LIMIT);
        }
        // Neither is everything thrown away, nor does damage do none.
        assertThat(mostlyKept).isPositive();
        assertThat(partlyLost).isPositive();
    }

    private byte[] damaged(SplittableRandom random) {
        byte[] damaged = whole.clone();
        switch (random.nextInt(4)) {
            case 0 -> damage(damaged, 0, SlotPlaces.DIRECTORY, random);
            case 1 -> damage(damaged, SlotPlaces.DIRECTORY, SLOTS * SlotPlaces.ENTRY, random);
            case 2 -> damage(damaged, SlotPlaces.of(random.nextInt(SLOTS)), SlotPlaces.CHUNK_START, random);
            default -> {
                return Mutations.mutate(damaged, random);
            }
        }
        return damaged;
    }

    /** Within these bytes alone. */
    private static void damage(byte[] bytes, int offset, int length, SplittableRandom random) {
        byte[] part = Mutations.mutate(Arrays.copyOfRange(bytes, offset, offset + length), random);
        System.arraycopy(part, 0, bytes, offset, Math.min(part.length, length));
    }

    /** Packets that could be sent. */
    private int readAndGoOn() throws InterruptedException {
        int sent;
        try (Ring ring = Ring.open(spec())) {
            sent = send(ring);
            Packet next = TestPackets.packet(START_NS + 3_600_000_000_000L, 700);
            recorded.put(next.timestampNs(), next);
            try (RingWriter writer = ring.writer(0)) {
                TestPackets.put(writer, TestPackets.ETH0, next);
            }
            SlotInfo newest = ring.slots().getLast();
            assertThat(TestPackets.read(ring, newest)).containsExactly(next);
            assertThat(newest.sequence()).isPositive();
            send(ring);
        }
        return sent;
    }

    /** All that there is, as to a Hub. */
    private int send(Ring ring) throws InterruptedException {
        ring.recording();
        assertThat(ring.usage().usedBytes()).isNotNegative();
        ExtractSource source = new ExtractSource(ring, timeoutMs -> true);
        TimeWindow window = new TimeWindow(START_NS - 1_000_000_000L, START_NS + 7_200_000_000_000L);
        ExtractPlan plan =
                new ExtractPlanner(Clock.systemUTC())
                        .plan(List.of(source), "s", window, Duration.ofMinutes(1), Map.of());
        assertThat(plan.gaps()).allMatch(gap -> gap.from().isBefore(gap.to()));
        int packets = 0;
        for (PlannedChunk planned : plan.chunks().toList()) {
            packets += prepared(planned).map(this::check).orElse(0);
        }
        ring.release("s");
        return packets;
    }

    private static Optional<Chunk> prepared(PlannedChunk planned) {
        try {
            return ChunkPreparer.prepare(planned);
        } catch (HindsightException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
            return Optional.empty();
        }
    }

    /**
     * Every packet was recorded as it is. Not asked of a torn chunk: where its CRC does not match, it is cut by the structure of its blocks, which
     * says nothing of a packet's bytes.
     */
    private int check(Chunk chunk) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(chunk.lengthBytes(), Long.BYTES);
            ByteBuffer target = bytes.asByteBuffer();
            for (ByteBuffer part : chunk.parts()) {
                target.put(part);
            }
            ChunkVerifier.checkRecords(bytes, 0);
            List<Packet> packets = TestPackets.read(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize());
            if (!chunk.header().has(ChunkFlag.RECOVERED)) {
                assertThat(packets)
                        .allSatisfy(packet -> assertThat(packet).isEqualTo(recorded.get(packet.timestampNs())));
            }
            return packets.size();
        } finally {
            chunk.release();
        }
    }
}
