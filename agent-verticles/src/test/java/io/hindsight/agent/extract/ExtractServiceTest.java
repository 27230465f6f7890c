package io.hindsight.agent.extract;

import static io.hindsight.agent.ring.TestPackets.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.api.Gap;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlanRound;
import io.hindsight.bus.PlannedRing;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Over one ring: what is planned, streamed and told of gaps. */
class ExtractServiceTest extends ExtractFixture {
    @Test
    void shouldTellDropsWithTheirNumbersAndTimes() {
        write(PACKETS_PER_CHUNK + 1);
        writer.dropped(DropCause.KERNEL, 5);
        writer.dropped(DropCause.RING, 2);
        write(10);
        List<Gap> gaps = plan(SESSION, 0, written).gaps();
        assertThat(gaps).extracting(Gap::cause).containsExactly(Gap.Cause.DROPPED_BY_KERNEL, Gap.Cause.DROPPED_BY_RING);
        assertThat(gaps).extracting(Gap::lost).containsExactly(5L, 2L);
        assertThat(gaps.getFirst().from()).isEqualTo(at(PACKETS_PER_CHUNK - 1));
        assertThat(gaps.getFirst().to()).isEqualTo(at(written - 1).plusNanos(1));
    }

    @Test
    void shouldTellChunksMissingBetweenOlderPinnedOnes() {
        write(4 * PACKETS_PER_CHUNK);
        plan("older", 0, 2 * PACKETS_PER_CHUNK);
        write(20 * PACKETS_PER_CHUNK);
        List<Gap> gaps = plan(SESSION, 0, written).gaps();
        assertThat(gaps)
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.RECYCLED);
                    assertThat(gap.from()).isEqualTo(at(2 * PACKETS_PER_CHUNK - 1));
                });
        stream(SESSION);
        awaitEnd();
        long missing = gaps.getFirst().to().getEpochSecond() - gaps.getFirst().from().getEpochSecond() - 1;
        assertThat(sentRecords() + missing).isEqualTo(written);
    }

    @Test
    void shouldTellWhenTheAgentDidNotRun() {
        write(10);
        writer.close();
        ring.tick();
        ring.close();
        now.set(at(500));
        written = 510;
        open();
        write(10);
        List<Gap> gaps = plan(SESSION, 0, written).gaps();
        assertThat(gaps)
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.NOT_RECORDED);
                    assertThat(gap.from()).isEqualTo(at(10));
                    assertThat(gap.to()).isEqualTo(at(500));
                    assertThat(gap.detail())
                            .isEqualTo(
                                    "The agent was down, or its recording of packets stood still, from 2026-01-01T00:00:10Z to"
                                            + " 2026-01-01T00:08:20Z.");
                });
    }

    @Test
    void shouldLeaveOutABrokenChunkAndTellIt() {
        write(3 * PACKETS_PER_CHUNK + 1);
        ring.slot(ring.slots().get(1).index()).set(ValueLayout.JAVA_BYTE, 10_000, (byte) 0x55);
        plan(SESSION, 0, written);
        stream(SESSION);
        StreamEnd end = awaitEnd();
        assertThat(end.failure()).isNull();
        assertThat(sentRecords()).isEqualTo(written - PACKETS_PER_CHUNK);
        assertThat(end.gaps())
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.CORRUPT);
                    assertThat(gap.lost()).isEqualTo(PACKETS_PER_CHUNK);
                    assertThat(gap.from()).isEqualTo(at(PACKETS_PER_CHUNK));
                });
    }

    @Test
    void shouldTellWhatCouldNotBeDrained() {
        write(10);
        drains.set(false);
        assertThat(plan(SESSION, 0, written).gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.NOT_YET_CAPTURED);
    }

    @Test
    void shouldGoOnWithAnotherChannelAfterABreak() {
        goOnAfterABreak();
    }

    @Test
    void shouldGoOnAfterAChannelThatThrew() {
        channel.throwing = true;
        goOnAfterABreak();
    }

    private void goOnAfterABreak() {
        write(6 * PACKETS_PER_CHUNK);
        plan(SESSION, 0, written);
        channel.broken = true;
        stream(SESSION);
        await().until(() -> channel.refused.get() == 1);
        assertThat(channel.ends).isEmpty();
        channel.broken = false;
        onContext(() ->
                service.stream(new StreamRequest(SESSION, address(), 1L << 30, Map.of("packets", 2L), null), channel));
        assertThat(awaitEnd().failure()).isNull();
        assertThat(sentRecords()).isEqualTo(4 * PACKETS_PER_CHUNK);
        assertThat(channel.chunks.getFirst().header().sequence()).isEqualTo(3);
    }

    @Test
    void shouldStopWhenItsChannelBreaksWhileItWaitsForCredit() {
        write(6 * PACKETS_PER_CHUNK);
        plan(SESSION, 0, written);
        onContext(() -> service.stream(new StreamRequest(SESSION, address(), 1, Map.of(), null), channel));
        await().until(() -> channel.chunks.size() == 1);
        onContext(() -> {
            channel.onBreak.accept(new IOException("The connection was reset."));
            return service.credit(new CreditGrant(SESSION, 1L << 30, Map.of()));
        });
        onContext(() ->
                service.stream(new StreamRequest(SESSION, address(), 1L << 30, Map.of("packets", 1L), null), channel));
        StreamEnd end = awaitEnd();
        assertThat(end.failure()).isNull();
        assertThat(end.chunks()).as("of the second stream alone").isEqualTo(channel.chunks.size() - 1L);
        assertThat(sentRecords()).isEqualTo(6 * PACKETS_PER_CHUNK);
    }

    @Test
    void shouldPlanOnlyWhatTheHubDoesNotHold() {
        write(6 * PACKETS_PER_CHUNK);
        long createdNs = ring.createdNs();

        ExtentPlan rest = planAfter(new HeldChunks(createdNs, 2, ns(2 * PACKETS_PER_CHUNK - 1)), written);

        assertThat(rest.chunks()).isEqualTo(4);
        assertThat(rest.gaps()).isEmpty();
        assertThat(rest.rings())
                .isEqualTo(Map.of("packets", new PlannedRing(createdNs, 3, ns(2 * PACKETS_PER_CHUNK), 6, ns(0), null)));
        stream(SESSION);
        assertThat(awaitEnd().gaps()).isEmpty();
        assertThat(channel.chunks.getFirst().header().sequence()).isEqualTo(3);
        assertThat(sentRecords()).isEqualTo(4 * PACKETS_PER_CHUNK);
    }

    @Test
    void shouldTellExactlyWhatWasRecycledWhileNobodyAsked() {
        write(PACKETS_PER_CHUNK);
        long createdNs = ring.createdNs();
        write(40 * PACKETS_PER_CHUNK);
        SlotInfo oldest = ring.slots().getFirst();

        ExtentPlan rest = planAfter(new HeldChunks(createdNs, 1, ns(PACKETS_PER_CHUNK - 1)), written);

        assertThat(oldest.sequence()).isGreaterThan(2);
        assertThat(rest.gaps()).hasSize(1);
        Gap gap = rest.gaps().getFirst();
        assertThat(gap.cause()).isEqualTo(Gap.Cause.RECYCLED);
        assertThat(gap.from()).isEqualTo(at(PACKETS_PER_CHUNK - 1).plusNanos(1));
        assertThat(gap.to()).isEqualTo(EpochNanos.toInstant(oldest.firstTimestampNs()));
        assertThat(rest.chunks()).isEqualTo(41 - oldest.sequence() + 1);
    }

    @Test
    void shouldNotTakeAnotherRingForTheOneThatTheHubKnows() {
        write(6 * PACKETS_PER_CHUNK);
        ExtentPlan rest = planAfter(new HeldChunks(12_345, 2, ns(7)), written);

        assertThat(rest.chunks()).isZero();
        assertThat(rest.gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.RECYCLED);
        assertThat(rest.gaps().getFirst().from()).isEqualTo(at(7).plusNanos(1));
        assertThat(rest.gaps().getFirst().to()).isEqualTo(at(written));
        assertThat(ring.usage().pinnedBytes()).isZero();
    }

    @Test
    void shouldAnswerARoundAsBeforeAndPlanTheNextOneBehindWhatIsHeld() {
        write(3 * PACKETS_PER_CHUNK + 10);
        HeldChunks held = new HeldChunks(ring.createdNs(), 3, ns(3 * PACKETS_PER_CHUNK - 1));
        ExtentPlan first = planRound(1, Map.of());
        stream(SESSION);
        awaitEnd();
        write(2 * PACKETS_PER_CHUNK);

        assertThat(first.chunks()).isEqualTo(3);
        assertThat(first.gaps()).isEmpty();
        assertThat(planRound(1, Map.of("packets", held))).isEqualTo(first);

        channel.chunks.clear();
        channel.ends.clear();
        assertThat(planRound(2, Map.of("packets", held)).chunks()).isEqualTo(2);
        assertThat(ring.usage().pinnedBytes()).isEqualTo(3L * SLOT_SIZE); // the open one too
        stream(SESSION);
        awaitEnd();
        assertThat(channel.chunks).extracting(chunk -> chunk.header().sequence()).containsExactly(4L, 5L);
        onContext(() -> service.release(new ReleaseRequest(SESSION, "done")));
        assertThat(ring.usage().pinnedBytes()).isZero();
    }

    private ExtentPlan planRound(int number, Map<String, HeldChunks> held) {
        PlanRequest request =
                new PlanRequest(SESSION, ns(0), ns(100_000), 60_000, held, new PlanRound(number, false), null);
        return onContext(() -> service.plan(request));
    }

    private ExtentPlan planAfter(HeldChunks held, long toSecond) {
        PlanRequest request = new PlanRequest(SESSION, ns(0), ns(toSecond), 60_000, Map.of("packets", held));
        return onContext(() -> service.plan(request));
    }

    @Test
    void shouldGiveUpPinsAndSayItWhenTheLeaseEnds() {
        write(6 * PACKETS_PER_CHUNK);
        onContext(() -> service.plan(new PlanRequest(SESSION, ns(0), ns(written), 1_000)));
        onContext(() -> service.stream(new StreamRequest(SESSION, address(), 1, Map.of(), null), channel));
        await().until(() -> {
            onContext(() -> {
                service.expire();
                return Future.succeededFuture();
            });
            return !channel.ends.isEmpty();
        });
        assertThat(channel.ends.getFirst().failureCode()).isEqualTo(ErrorCode.TIMED_OUT.name());
        assertThat(ring.usage().pinnedBytes()).isZero();
    }

    @Test
    void shouldLeaveNothingOutsideTheWindowAtAnyEdge() {
        write(3 * PACKETS_PER_CHUNK);
        for (int from = 240; from < 260; from++) {
            channel.chunks.clear();
            channel.ends.clear();
            String session = "edge-" + from;
            plan(session, from, from + 250);
            stream(session);
            awaitEnd();
            assertThat(sentRecords()).isEqualTo(250);
            assertThat(channel.chunks.getFirst().header().firstTimestampNs()).isEqualTo(ns(from));
            assertThat(channel.chunks.getLast().header().lastTimestampNs()).isEqualTo(ns(from + 249));
        }
    }

    @Test
    void shouldSayThatItsOwnCeilingHoldsASessionBack() {
        write(4 * PACKETS_PER_CHUNK);
        ExtractSource source = new ExtractSource(ring, timeoutMs -> true);
        AtomicReference<Runnable> turn = new AtomicReference<>(() -> {});
        RateLimit oneByteASecond = new RateLimit(1, System::nanoTime, (delayMs, task) -> turn.set(task));
        ExtractService slow =
                new ExtractService(
                        vertx,
                        NODE,
                        () -> List.of(source),
                        window -> List.of(),
                        workers,
                        oneByteASecond,
                        new MovableClock(),
                        System::nanoTime);
        onContext(() -> slow.plan(new PlanRequest(SESSION, ns(0), ns(4 * PACKETS_PER_CHUNK), 60_000)));
        onContext(() -> slow.stream(new StreamRequest(SESSION, address(), 1L << 30, Map.of(), null), channel));
        CreditGrant nothing = new CreditGrant(SESSION, 0, Map.of());
        await().until(() -> onContext(() -> slow.credit(nothing)).waits());
        assertThat(channel.chunks).hasSize(1);
        onContext(() -> service.plan(new PlanRequest("free", ns(0), ns(PACKETS_PER_CHUNK), 60_000)));
        assertThat(onContext(() -> service.credit(new CreditGrant("free", 0, Map.of()))).waits()).isFalse();
    }

    /** However the pins end, and while capture goes on. */
    @Test
    void shouldLeaveAsItIsWhatIsReadInPlaceUntilItIsGivenBack() {
        write(18 * PACKETS_PER_CHUNK);
        plan(SESSION, 0, written);
        channel.keeping = true;
        stream(SESSION);
        int half = ring.slotCount() / 2;
        await().until(() -> channel.chunks.size() == half && waits());
        onContext(() -> service.release(new ReleaseRequest(SESSION, "cancelled")));
        write(40 * PACKETS_PER_CHUNK);

        assertThat(ring.slotsBeingRead()).isEqualTo(half);
        for (int index = 0; index < half; index++) {
            assertThat(ChunkChannelContract.bytes(channel.kept.get(index)))
                    .isEqualTo(ChunkChannelContract.bytes(channel.chunks.get(index)));
        }
        assertThat(writer.counters().drops(DropCause.RING)).isZero();
        channel.kept.forEach(Chunk::release);
        assertThat(ring.slotsBeingRead()).isZero();
    }

    @Test
    void shouldGoOnWhenWhatWasReadInPlaceIsGivenBack() {
        write(18 * PACKETS_PER_CHUNK);
        plan(SESSION, 0, written);
        channel.keeping = true;
        stream(SESSION);
        await().until(() -> waits());
        channel.keeping = false;
        channel.kept.forEach(Chunk::release);

        assertThat(awaitEnd().gaps()).isEmpty();
        assertThat(sentRecords()).isEqualTo(written);
        assertThat(waits()).isFalse();
    }

    /** A network may double a message. */
    @Test
    void shouldGoOnAsBeforeWhereAnOrderComesTwice() {
        write(6 * PACKETS_PER_CHUNK);
        plan(SESSION, 0, written);
        StreamRequest request = new StreamRequest(SESSION, address(), 1, Map.of(), null);
        onContext(() -> service.stream(request, channel));
        await().until(() -> channel.chunks.size() == 1);
        TestChannel second = new TestChannel();
        onContext(() -> service.stream(request, second));
        onContext(() -> service.credit(new CreditGrant(SESSION, 1L << 30, Map.of())));

        assertThat(awaitEnd().chunks()).isEqualTo(6);
        assertThat(channel.chunks).hasSize(6);
        assertThat(second.closed).isTrue();
        assertThat(second.chunks).isEmpty();
    }

    private boolean waits() {
        return onContext(() -> service.credit(new CreditGrant(SESSION, 0, Map.of()))).waits();
    }

    /** The workers take one chunk of each session in turn, so that a small snapshot does not wait for a large one. */
    @RepeatedTest(10)
    void shouldShareByChunkBetweenALargeSessionAndASmallOne() {
        write(16 * PACKETS_PER_CHUNK);
        WorkerExecutor one = vertx.createSharedWorkerExecutor("extract-one", 1);
        ExtractSource source = new ExtractSource(ring, timeoutMs -> true);
        ExtractService fair =
                new ExtractService(
                        vertx,
                        NODE,
                        () -> List.of(source),
                        window -> List.of(),
                        one,
                        RateLimit.of(vertx, 0),
                        new MovableClock(),
                        System::nanoTime);
        TestChannel large = new TestChannel();
        TestChannel small = new TestChannel();
        AtomicInteger largeWhenSmallEnded = new AtomicInteger();
        onContext(() -> fair.plan(new PlanRequest("large", ns(0), ns(written), 60_000)));
        onContext(() -> fair.plan(new PlanRequest("small", ns(0), ns(2 * PACKETS_PER_CHUNK), 60_000)));
        small.onEnd = () -> largeWhenSmallEnded.set(large.chunks.size());
        onContext(() ->
                fair.stream(new StreamRequest("large", address(), 1L << 30, Map.of(), null), large)
                        .compose(begun ->
                                fair.stream(new StreamRequest("small", address(), 1L << 30, Map.of(), null), small)));
        await().until(() -> !small.ends.isEmpty() && !large.ends.isEmpty());
        assertThat(small.chunks).hasSize(2);
        assertThat(large.chunks).hasSize(16);
        assertThat(largeWhenSmallEnded.get()).isLessThanOrEqualTo(small.chunks.size() * 2 + 2);
    }

    @Test
    void shouldAnswerAsBeforeWhereTheSessionIsKnownWhateverIsHeld() {
        write(6 * PACKETS_PER_CHUNK);
        ExtentPlan first = plan(SESSION, 0, written);
        ExtentPlan again = planAfter(new HeldChunks(ring.createdNs(), 2, ns(2 * PACKETS_PER_CHUNK - 1)), written);
        assertThat(again).isEqualTo(first);
        onContext(() ->
                service.stream(new StreamRequest(SESSION, address(), 1L << 30, Map.of("packets", 2L), null), channel));
        assertThat(awaitEnd().chunks()).isEqualTo(4);
        assertThat(channel.chunks.getFirst().header().sequence()).isEqualTo(3);
    }
}
