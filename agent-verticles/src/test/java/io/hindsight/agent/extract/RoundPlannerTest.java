package io.hindsight.agent.extract;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.TestEvents;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.api.Gap;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRound;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packet n has the time START + n seconds; a chunk holds 250 packets of 1,000 bytes, the ring 20 chunks. The test is the Hub: it holds what it took. */
class RoundPlannerTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final int PACKETS_PER_CHUNK = 250;
    private static final String SESSION = "snapshot-1";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path folder;

    private final TestClock clock = new TestClock();
    private final Map<String, HeldChunks> held = new HashMap<>();
    private final List<Long> taken = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final Set<Gap> gaps = new LinkedHashSet<>();
    private Ring ring;
    private RingWriter writer;
    private int written;
    private int round;
    private int chunks;

    /** Stands where the test sets it. */
    private static final class TestClock extends Clock {
        private Instant now = START;

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
            return now;
        }
    }

    private Ring openRing() {
        return open(TestPackets.spec(folder, 20L * SLOT_SIZE, SLOT_SIZE));
    }

    private Ring open(RingSpec spec) {
        return Ring.open(spec, new Ring.RingOptions(0.5, 0, clock, System::nanoTime));
    }

    @BeforeEach
    void open() {
        ring = openRing();
        writer = ring.writer(0);
    }

    @AfterEach
    void close() {
        writer.close();
        ring.close();
    }

    private static long ns(long second) {
        return EpochNanos.of(START.plusSeconds(second));
    }

    private void write(int packets) {
        for (int index = 0; index < packets; index++) {
            TestPackets.put(writer, ETH0, packet(ns(written++), 1_000));
        }
        writer.commit();
        clock.now = START.plusSeconds(written);
    }

    private void take(long fromSecond, long toSecond, boolean last) throws InterruptedException {
        ExtractPlan plan =
                new ExtractPlanner(clock)
                        .plan(
                                List.of(new ExtractSource(ring, timeoutMs -> true)),
                                SESSION,
                                new TimeWindow(ns(fromSecond), ns(toSecond)),
                                Duration.ofMinutes(1),
                                held,
                                new PlanRound(++round, last));
        gaps.addAll(plan.gaps());
        for (PlannedChunk planned : plan.chunks().toList()) {
            ChunkPreparer.prepare(planned).ifPresent(this::hold);
        }
    }

    private void hold(Chunk chunk) {
        chunks++;
        MemorySegment bytes = MemorySegment.ofArray(ChunkChannelContract.bytes(chunk));
        ChunkVerifier.checkRecords(bytes, 0);
        long body = ChunkVerifier.bodyOffset(bytes, 0);
        TestPackets.read(bytes, body, bytes.byteSize()).forEach(packet -> taken.add(packet.timestampNs()));
        if (chunk.header().source() != ChunkSource.PACKETS) {
            messages.addAll(TestEvents.messages(bytes, body, bytes.byteSize()));
        }
        held.put(
                chunk.header().source().label(),
                new HeldChunks(ring.createdNs(), chunk.header().sequence(), chunk.header().lastTimestampNs()));
        chunk.release();
    }

    private static List<Long> seconds(long from, long to) {
        return LongStream.range(from, to).mapToObj(RoundPlannerTest::ns).toList();
    }

    @Test
    void shouldTakeEveryPacketOnceHoweverTheRoundsFall() throws InterruptedException {
        Random random = new Random(7);
        write(400);
        while (written < 8_000) {
            take(300, 8_200, false);
            write(random.nextInt(1_500));
        }
        write(8_400 - written);
        take(300, 8_200, true);

        assertThat(taken).isEqualTo(seconds(300, 8_200));
        assertThat(gaps).isEmpty();
        assertThat(chunks).isEqualTo(8_200 / PACKETS_PER_CHUNK);
    }

    @Test
    void shouldLeaveTheOpenChunkToTheLastRound() throws InterruptedException {
        for (int more = 0; more < 20; more++) {
            write(3);
            take(10, 60, false);
        }
        assertThat(chunks).isZero();
        take(10, 60, true);

        assertThat(chunks).isOne();
        assertThat(taken).isEqualTo(seconds(10, 60));
        assertThat(gaps).isEmpty();
    }

    @Test
    void shouldTellOnceAndExactlyWhatWasRecycledBetweenRounds() throws InterruptedException {
        write(PACKETS_PER_CHUNK + 10);
        take(0, 20_000, false);
        write(40 * PACKETS_PER_CHUNK);
        SlotInfo oldestButOne = ring.slots().get(2); // behind the two that are pinned
        take(0, 20_000, false);
        take(0, 20_000, false);
        write(PACKETS_PER_CHUNK);
        take(0, 20_000, true);

        // The chunk that was open in the first round was pinned, and has come whole.
        assertThat(gaps)
                .filteredOn(gap -> gap.cause() == Gap.Cause.RECYCLED)
                .hasSize(1)
                .first()
                .satisfies(gap -> {
                    assertThat(gap.from()).isEqualTo(START.plusSeconds(2 * PACKETS_PER_CHUNK - 1).plusNanos(1));
                    assertThat(gap.to()).isEqualTo(EpochNanos.toInstant(oldestButOne.firstTimestampNs()));
                    assertThat(gap.detail()).contains("storage-size");
                });
        List<Long> expected = new ArrayList<>(seconds(0, 2 * PACKETS_PER_CHUNK));
        expected.addAll(
                LongStream.range(0, written)
                        .map(RoundPlannerTest::ns)
                        .boxed()
                        .filter(time -> time >= oldestButOne.firstTimestampNs())
                        .toList());
        assertThat(taken).isEqualTo(expected);
    }

    @Test
    void shouldTellOnceThatNothingWasRecordedWhileTheAgentWasDown() throws InterruptedException {
        write(PACKETS_PER_CHUNK + 100);
        ring.recording();
        take(0, 2_000, false);
        writer.close();
        ring.close();
        written += 60;
        clock.now = START.plusSeconds(written);
        ring = openRing();
        writer = ring.writer(0);
        take(0, 2_000, false);
        write(PACKETS_PER_CHUNK);
        take(0, 2_000, false);
        write(PACKETS_PER_CHUNK);
        take(0, 2_000, false);
        take(0, written, true);

        assertThat(gaps)
                .hasSize(1)
                .first()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.NOT_RECORDED);
                    assertThat(gap.from()).isEqualTo(START.plusSeconds(PACKETS_PER_CHUNK + 100));
                    assertThat(gap.to()).isEqualTo(START.plusSeconds(PACKETS_PER_CHUNK + 160));
                });
        assertThat(taken).hasSize(written - 60).doesNotHaveDuplicates();
    }

    @Test
    void shouldNotWaitForAWriterThatHasNothingToDo() throws InterruptedException {
        RingWriter idle = ring.writer(1);
        TestPackets.put(idle, ETH0, packet(ns(written++), 1_000));
        idle.commit();
        write(2 * PACKETS_PER_CHUNK);
        take(0, 10_000, false);
        idle.commit();
        take(0, 10_000, false);
        assertThat(chunks).isZero();
        write(2 * PACKETS_PER_CHUNK);
        take(0, 10_000, false);
        idle.commit();
        take(0, 10_000, false);
        idle.close();

        assertThat(chunks).isEqualTo(4);
        assertThat(taken).isEqualTo(seconds(0, 3 * PACKETS_PER_CHUNK + 1));
    }

    @Test
    void shouldTakeNothingBeforeTheWindowBegins() throws InterruptedException {
        write(3 * PACKETS_PER_CHUNK);
        take(written + 10, written + 20, false);
        assertThat(ring.usage().pinnedBytes()).isZero();
        write(30);
        take(written - 20, written - 10, true);

        assertThat(taken).isEqualTo(seconds(written - 20, written - 10));
        assertThat(gaps).isEmpty();
    }

    @Test
    void shouldSayWhatTheLastRoundHadNot() throws InterruptedException {
        write(10);
        take(0, 100, true);

        assertThat(gaps).extracting(Gap::cause).containsExactly(Gap.Cause.NOT_YET_CAPTURED);
        assertThat(gaps.iterator().next().from()).isEqualTo(START.plusSeconds(10));
    }

    @Test
    void shouldTakeTheContextOfEventsOnce() throws InterruptedException {
        writer.close();
        ring.close();
        ring = open(TestEvents.spec(folder, 9L * (64 << 10), 64 << 10));
        writer = ring.writer(0);
        checkpoint(1);
        event(2);
        checkpoint(10);
        event(11);
        take(15, 100, false);
        event(20);
        take(15, 100, false);
        checkpoint(30);
        event(31);
        take(15, 100, false);
        take(15, 100, false);
        event(40);
        clock.now = START.plusSeconds(100);
        take(15, 100, true);

        assertThat(messages).containsExactly("10", "11", "20", "30", "31", "40");
        assertThat(gaps).isEmpty();
    }

    private void event(long second) {
        writer.journalEntry(ns(second), TestEvents.entry(ns(second), "" + second));
        writer.commit();
        clock.now = START.plusSeconds(second + 5);
    }

    private void checkpoint(long second) {
        writer.beginCheckpoint();
        event(second);
    }
}
