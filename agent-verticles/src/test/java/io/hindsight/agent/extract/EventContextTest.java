package io.hindsight.agent.extract;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.TestEvents;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A window of events is understood without anything before it: it comes with the last checkpoint, and all since. */
class EventContextTest {
    private static final int SLOT_SIZE = 64 << 10;
    private static final String SESSION = "s";

    @TempDir Path folder;

    private Ring ring;
    private RingWriter writer;

    @BeforeEach
    void open() {
        ring = ring();
        writer = ring.writer(0);
    }

    private Ring ring() {
        // Recording began at second 0.
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        return Ring.open(
                TestEvents.spec(folder, 9L * SLOT_SIZE, SLOT_SIZE),
                new Ring.RingOptions(0.5, 0, clock, System::nanoTime));
    }

    @AfterEach
    void close() {
        writer.close();
        ring.close();
    }

    private static long seconds(long value) {
        return value * 1_000_000_000L;
    }

    private void event(long second, String message) {
        writer.journalEntry(seconds(second), TestEvents.entry(seconds(second), message));
        writer.commit();
    }

    private void checkpoint(long second) {
        writer.beginCheckpoint();
        event(second, "checkpoint of " + second);
    }

    private ExtractPlan plan(long fromSecond, long toSecond) throws InterruptedException {
        return new ExtractPlanner(Clock.systemUTC())
                .plan(
                        List.of(new ExtractSource(ring, timeoutMs -> true)),
                        SESSION,
                        new TimeWindow(seconds(fromSecond), seconds(toSecond)),
                        Duration.ofMinutes(1),
                        Map.of());
    }

    private static List<Chunk> chunks(ExtractPlan plan) {
        List<Chunk> chunks = new ArrayList<>();
        plan.chunks().forEach(planned -> ChunkPreparer.prepare(planned).ifPresent(chunks::add));
        return chunks;
    }

    private List<String> taken(long fromSecond, long toSecond) throws InterruptedException {
        List<String> messages = new ArrayList<>();
        for (Chunk chunk : chunks(plan(fromSecond, toSecond))) {
            MemorySegment bytes = MemorySegment.ofArray(ChunkChannelContract.bytes(chunk));
            ChunkVerifier.checkRecords(bytes, 0);
            messages.addAll(TestEvents.messages(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize()));
        }
        ring.release(SESSION);
        return messages;
    }

    @Test
    void shouldGoBackToTheLastCheckpointBeforeTheWindow() throws InterruptedException {
        checkpoint(1);
        event(2, "exec a");
        checkpoint(10);
        event(11, "exec b");
        event(20, "exit a");
        checkpoint(30);
        event(31, "exit b");

        assertThat(taken(19, 25)).containsExactly("checkpoint of 10", "exec b", "exit a");
        assertThat(taken(5, 6)).containsExactly("checkpoint of 1", "exec a");
        assertThat(taken(30, 40)).containsExactly("checkpoint of 30", "exit b");
        assertThat(taken(10, 11)).containsExactly("checkpoint of 10");
    }

    @Test
    void shouldTakeAllThereIsWhereNoCheckpointIsLeft() throws InterruptedException {
        event(2, "exec a");
        event(3, "exec b");
        checkpoint(10);

        assertThat(taken(3, 4)).containsExactly("exec a", "exec b");
    }

    @Test
    void shouldNotTellWhatLiesBeforeTheWindowAsMissing() throws InterruptedException {
        checkpoint(1);
        event(20, "exit a");

        assertThat(plan(19, 25).gaps()).isEmpty();
    }

    @Test
    void shouldMarkTheChunkThatBeginsWithACheckpoint() throws InterruptedException {
        event(1, "exec a");
        checkpoint(10);
        event(11, "exec b");
        checkpoint(12);

        assertThat(chunks(plan(0, 100)).stream().map(chunk -> chunk.header().has(ChunkFlag.CHECKPOINT)))
                .containsExactly(false, true, true);
    }

    @Test
    void shouldKnowItsCheckpointsAfterACrash() throws InterruptedException {
        checkpoint(1);
        event(2, "exec a");
        checkpoint(10);
        event(11, "exec b");
        // The last chunk was never sealed: the next start finds it torn.
        ring.close();
        ring = ring();
        writer = ring.writer(0);

        assertThat(taken(11, 12)).containsExactly("checkpoint of 10", "exec b");
        assertThat(taken(2, 3)).containsExactly("checkpoint of 1", "exec a");
    }
}
