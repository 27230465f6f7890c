package io.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.ring.TestEvents;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.chunk.DropCause;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventRecorderTest {
    private static final int SLOT_SIZE = 64 << 10;
    private static final int SLOTS = 16;
    private static final int ENTRY_LENGTH = 4 << 10;

    @TempDir Path folder;

    private final List<TestEventSource> sources = new ArrayList<>();
    private EventRecorder recorder;
    private long nowNs = 1_000;

    @BeforeEach
    void start() {
        recorder =
                EventRecorder.start(
                        TestEvents.spec(folder, (SLOTS + 1L) * SLOT_SIZE, SLOT_SIZE),
                        open(),
                        this::open,
                        Clock.systemUTC());
    }

    private TestEventSource open() {
        TestEventSource source = new TestEventSource();
        sources.add(source);
        return source;
    }

    @AfterEach
    void close() {
        recorder.close();
    }

    private TestEventSource source() {
        return sources.getLast();
    }

    private EventSink sink() {
        return source().sink();
    }

    private void fill(long bytes) {
        for (long left = bytes; left > 0; left -= ENTRY_LENGTH) {
            source().happened(nowNs++, "x".repeat(ENTRY_LENGTH));
        }
    }

    private void checkpoint(long bytes) {
        assertThat(sink().beginCheckpoint(bytes)).isTrue();
        fill(bytes);
        sink().endCheckpoint();
    }

    @Test
    void shouldTellWhatItRecordsAndLoses() {
        source().happened(5_000, "exec a");
        source().happened(7_000, "exit a");
        sink().dropped(DropCause.RATE_LIMIT, 3);
        sink().event(8_000, new byte[sink().maxEntryLength() + 1]);

        SourceStatus status = recorder.status();
        assertThat(status.healthy()).isTrue();
        assertThat(status.source()).isEqualTo("os");
        assertThat(status.implementation()).isEqualTo("test-events");
        assertThat(status.records()).isEqualTo(2);
        assertThat(status.drops()).containsEntry("rate_limit", 3L).containsEntry("oversize", 1L);
        assertThat(status.oldest()).isEqualTo(Instant.ofEpochSecond(0, 5_000));
        assertThat(status.programs()).containsExactly(new ProgramStatus("sched_process_exec", true, null));
    }

    @Test
    void shouldTakeAnEntryThatFillsAWholeChunk() {
        String head = "__REALTIME_TIMESTAMP=0\nHINDSIGHT_TIME_NS=1\nMESSAGE=";
        sink().event(
                        1,
                        (head + "x".repeat(sink().maxEntryLength() - head.length() - 1) + "\n")
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        sink().commit();

        assertThat(recorder.status().records()).isEqualTo(1);
    }

    @Test
    void shouldWantACheckpointFirstOfAllAndNotAgainAtOnce() {
        assertThat(sink().isCheckpointDue()).isTrue();
        checkpoint(ENTRY_LENGTH);
        assertThat(sink().isCheckpointDue()).isFalse();
    }

    @Test
    void shouldWantACheckpointWhenFourTimesItsLengthWasRecorded() {
        checkpoint(10L * ENTRY_LENGTH);
        fill(39L * ENTRY_LENGTH);
        assertThat(sink().isCheckpointDue()).isFalse();
        fill(2L * ENTRY_LENGTH);
        assertThat(sink().isCheckpointDue()).isTrue();
    }

    @Test
    void shouldAlwaysKeepAWholeGroupInTheRing() {
        for (int round = 0; round < 20; round++) {
            checkpoint(SLOTS * SLOT_SIZE / 4 - 2L * ENTRY_LENGTH);
            while (!sink().isCheckpointDue()) {
                fill(ENTRY_LENGTH);
            }
            long groups = recorder.extractSource().ring().slots().stream().filter(slot -> slot.flags() != 0).count();
            assertThat(groups).as("checkpoints in the ring").isPositive();
        }
    }

    @Test
    void shouldRefuseACheckpointThatTakesMostOfTheRingAndSaySo() {
        assertThat(sink().beginCheckpoint(SLOTS * SLOT_SIZE / 2)).isFalse();

        SourceStatus status = recorder.status();
        assertThat(status.healthy()).isFalse();
        assertThat(status.reason()).contains("bytes=524288", "limit=262144", "storage-size");
        assertThat(sink().isCheckpointDue()).as("tried again at once").isFalse();
        fill(SLOTS * SLOT_SIZE / 4);
        assertThat(sink().isCheckpointDue()).as("tried again later").isTrue();
    }

    @Test
    void shouldSayWhatItsSourceSaysAndLetItTry() {
        source().fail("The API server has not answered.");

        assertThat(recorder.status().reason()).isEqualTo("The API server has not answered.");
        assertThat(recorder.isRestartDue()).isFalse();
        source().fail(null);
        assertThat(recorder.status().healthy()).isTrue();
    }

    @Test
    void shouldReplaceASourceThatHasEnded() {
        source().happened(5_000, "exec a");
        source().die("The ring buffer was closed.");

        assertThat(recorder.status().reason()).isEqualTo("The ring buffer was closed.");
        assertThat(recorder.isRestartDue()).isTrue();
        recorder.restart();
        assertThat(sources).hasSize(2);
        assertThat(sink().isCheckpointDue()).isTrue();
        source().happened(9_000, "exec b");
        SourceStatus status = recorder.status();
        assertThat(status.healthy()).isTrue();
        assertThat(status.records()).isEqualTo(2);
        assertThat(status.restarts()).isEqualTo(1);
        assertThat(status.lastRestartReason()).isEqualTo("The ring buffer was closed.");
        assertThat(recorder.extractSource().ring().recorderRuns()).hasSize(2);
    }
}
