package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real thread against a feed that the test speaks for, and a sink that keeps everything. */
class OsEventSourceTest {
    private static final ProcessInfo CURL = TestEvents.process(TestEvents.GONE, 1, "curl");

    private final ScriptedFeed feed = new ScriptedFeed();
    private final RecordingSink sink = new RecordingSink();
    private final OsEventSource source =
            new OsEventSource(
                    feed,
                    List.of(new ProgramStatus("ebpf", false, "It is not there.")),
                    PodDirectory.NONE,
                    OsEventSourceTest::nowNs);

    private static long nowNs() {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void shouldRecordACheckpointFirstAndThenWhatTheFeedTells() {
        feed.tell(TestEvents.exec(5, CURL, "curl", "http://a/"), TestEvents.exit(6, CURL, 0, null));
        source.start(sink);
        await().untilAsserted(() -> assertThat(sink.events()).hasSize(2));
        assertThat(sink.events().getFirst().arguments()).containsExactly("curl", "http://a/");
        assertThat(sink.events().getLast().exitCode()).isZero();
        List<OsEvent> checkpoint = sink.checkpoint();
        assertThat(checkpoint.getFirst().checkpoint()).isEqualTo(CheckpointPart.BEGIN);
        assertThat(checkpoint.getLast().checkpoint()).isEqualTo(CheckpointPart.END);
        assertThat(checkpoint.getFirst().count()).isEqualTo(checkpoint.size() - 2L);
        assertThat(checkpoint.getLast().count()).isEqualTo(checkpoint.size() - 2L);
        assertThat(checkpoint).extracting(OsEvent::timeNs).containsOnly(checkpoint.getFirst().timeNs());
        assertThat(sink.announcedWhatCame()).isTrue();
        assertThat(sink.times()).endsWith(5L, 6L);
        assertThat(source.source()).isEqualTo(ChunkSource.OS);
        assertThat(source.name()).isEqualTo("scripted");
    }

    @Test
    void shouldWriteAnotherCheckpointWhenTheSinkAsks() {
        source.start(sink);
        await().until(() -> sink.checkpoints() == 1);
        sink.makeCheckpointDue();
        await().until(() -> sink.checkpoints() == 2);
    }

    @Test
    void shouldGoOnWithoutCheckpointWhereTheRingIsTooSmallAndNotTryAgainAtOnce() {
        RecordingSink small = new RecordingSink(false);
        feed.tell(TestEvents.of(Kind.FORK, 1, CURL));
        source.start(small);
        await().untilAsserted(() -> assertThat(small.events()).hasSize(1));
        feed.tell(TestEvents.of(Kind.FORK, 2, CURL));
        await().untilAsserted(() -> assertThat(small.events()).hasSize(2));
        assertThat(small.refusedCheckpoints()).isEqualTo(1);
    }

    @Test
    void shouldPassOnWhatWasLost() {
        feed.lose(DropCause.KERNEL, 12);
        feed.lose(DropCause.RATE_LIMIT, 3);
        source.start(sink);
        await().untilAsserted(() -> assertThat(sink.dropped(DropCause.KERNEL)).isEqualTo(12));
        await().untilAsserted(() -> assertThat(sink.dropped(DropCause.RATE_LIMIT)).isEqualTo(3));
    }

    @Test
    void shouldCountWhatIsTooLong() {
        String deep = String.join("/", Collections.nCopies(20_000, "abc"));
        ProcessInfo process = new ProcessInfo(TestEvents.GONE, TestEvents.GONE, 1, deep, 0, null, null, null);
        feed.tell(TestEvents.of(Kind.FORK, 1, process), TestEvents.of(Kind.FORK, 2, CURL));
        source.start(sink);
        await().untilAsserted(() -> assertThat(sink.events()).hasSize(1));
        assertThat(sink.dropped(DropCause.OVERSIZE)).isEqualTo(1);
    }

    @Test
    void shouldHaveHandedOverEverythingWhenDrained() throws InterruptedException {
        source.start(sink);
        for (int batch = 1; batch <= 50; batch++) {
            feed.tell(TestEvents.of(Kind.FORK, batch, CURL));
        }
        assertThat(source.drain(20_000)).isTrue();
        assertThat(sink.events()).hasSize(50);
    }

    @Test
    void shouldBeDrainedThoughTheFeedIsNeverEmpty() throws Exception {
        Thread flood =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!feed.isClosed()) {
                                if (feed.backlog() < 3) {
                                    feed.tell(TestEvents.of(Kind.FORK, nowNs(), CURL));
                                }
                                Thread.onSpinWait();
                            }
                        });
        feed.tell(TestEvents.of(Kind.FORK, 17, CURL));
        source.start(sink);
        assertThat(source.drain(30_000)).isTrue();
        assertThat(sink.events()).extracting(OsEvent::timeNs).contains(17L);
        source.close();
        flood.join();
    }

    @Test
    void shouldNotWaitLongerThanAskedAndNotForASourceThatDoesNotRun() throws InterruptedException {
        assertThat(source.drain(10_000)).isFalse();
        source.start(sink);
        await().until(() -> sink.checkpoints() == 1);
        source.close();
        assertThat(source.drain(10_000)).isFalse();
    }

    @Test
    void shouldEndAndSayWhyWhereTheFeedFails() throws InterruptedException {
        source.start(sink);
        await().until(() -> sink.checkpoints() == 1);
        assertThat(source.problem()).isNull();
        feed.fail(new HindsightException(ErrorCode.IO_FAILED, "The buffer is gone."));
        await().until(() -> !source.isAlive());
        assertThat(source.problem()).isEqualTo("Operating-system events are no longer recorded: The buffer is gone.");
        assertThat(feed.isClosed()).isTrue();
        assertThat(source.drain(10_000)).isFalse();
    }

    @Test
    void shouldRecordWhatWasThereWhenItIsClosed() {
        source.start(sink);
        await().until(() -> sink.checkpoints() == 1);
        feed.tell(TestEvents.of(Kind.FORK, 1, CURL));
        feed.tell(TestEvents.of(Kind.FORK, 2, CURL));
        source.close();
        assertThat(sink.events()).hasSize(2);
        assertThat(source.isAlive()).isFalse();
        assertThat(feed.isClosed()).isTrue();
        source.close();
    }

    @Test
    void shouldCloseAFeedThatWasNeverStarted() {
        source.close();
        assertThat(feed.isClosed()).isTrue();
    }

    @Test
    void shouldTellOfTheProgramsThatAreThereAndOfThoseThatAreNot() {
        assertThat(source.programs())
                .containsExactly(
                        new ProgramStatus("ebpf", false, "It is not there."), new ProgramStatus("script", true, null));
    }
}
