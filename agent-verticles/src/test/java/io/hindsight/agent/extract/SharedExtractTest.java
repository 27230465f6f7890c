package io.hindsight.agent.extract;

import static io.hindsight.agent.ring.TestPackets.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.TestEvents;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.api.Gap;
import io.hindsight.api.Transfer;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.error.ErrorCode;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams that several sessions share: over one ring, and over two. */
class SharedExtractTest extends ExtractFixture {
    private static final String STREAM = "stream-1";
    private static final long PLENTY = 1L << 30;
    private static final long LEASE_MS = 2_000;

    private volatile List<ExtractSource> sources = List.of();
    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void openWithAClockOfItsOwn() {
        sources = List.of(new ExtractSource(ring, timeoutMs -> true));
        service =
                new ExtractService(
                        vertx,
                        NODE,
                        () -> sources,
                        window -> List.of(),
                        workers,
                        RateLimit.of(vertx, 0),
                        new MovableClock(),
                        nanos::get);
    }

    /** As {@link #plan}, in chunks: from the first packet of one to the last of the one before another. */
    private ExtentPlan planChunks(String session, int from, int to) {
        return plan(session, (long) from * PACKETS_PER_CHUNK, (long) to * PACKETS_PER_CHUNK);
    }

    private void share(long creditBytes, String... members) {
        share(creditBytes, Arrays.stream(members).collect(Collectors.toMap(id -> id, id -> Map.of())));
    }

    private void share(long creditBytes, Map<String, Map<String, Long>> members) {
        SharedStreamRequest request = new SharedStreamRequest(STREAM, address(), creditBytes, members, null);
        onContext(() -> service.share(request, channel));
    }

    private void awaitEnds(int count) {
        await().until(() -> channel.ends.size() >= count);
        assertThat(channel.ends).hasSize(count);
    }

    private StreamEnd endOf(String member) {
        return channel.ends.stream().filter(end -> member.equals(end.snapshotId())).findFirst().orElseThrow();
    }

    private List<Long> sequences() {
        return channel.chunks.stream().map(chunk -> chunk.header().sequence()).toList();
    }

    private void run(Runnable action) {
        onContext(() -> {
            action.run();
            return Future.succeededFuture();
        });
    }

    private long pinnedSlots() {
        return ring.usage().pinnedBytes() / SLOT_SIZE;
    }

    @Test
    void shouldReadAndSendOnceWhatSeveralWantAndEndEachBehindItsLastChunk() {
        write(6 * PACKETS_PER_CHUNK + 1);
        planChunks("late", 2, 6);
        planChunks("early", 0, 3);
        planChunks("middle", 1, 5);

        share(PLENTY, "late", "early", "middle");

        awaitEnds(3);
        assertThat(channel.order)
                .containsExactly(
                        "packets 1",
                        "packets 2",
                        "packets 3",
                        "end early",
                        "packets 4",
                        "packets 5",
                        "end middle",
                        "packets 6",
                        "end late");
        assertThat(sentRecords()).isEqualTo(6 * PACKETS_PER_CHUNK);
        assertThat(endOf("early").chunks()).isEqualTo(3);
        assertThat(endOf("late").bytes()).isEqualTo(channel.chunks.stream().mapToLong(c -> c.lengthBytes()).sum());
        assertThat(channel.ends).allSatisfy(end -> assertThat(end.gaps()).isEmpty());
        assertThat(service.transfers().get("packets"))
                .isEqualTo(new Transfer(endOf("late").bytes(), endOf("late").bytes()));
    }

    @Test
    void shouldCutAnEdgeThatOneAloneWantsAndSendItWholeWhereSeveralDo() {
        write(3 * PACKETS_PER_CHUNK + 1);
        plan("a", 10, 2 * PACKETS_PER_CHUNK + 20);
        plan("b", PACKETS_PER_CHUNK + 5, 2 * PACKETS_PER_CHUNK + 30);

        share(PLENTY, "a", "b");

        awaitEnds(2);
        assertThat(channel.chunks)
                .extracting(chunk -> chunk.header().recordCount())
                .containsExactly(PACKETS_PER_CHUNK - 10, PACKETS_PER_CHUNK, PACKETS_PER_CHUNK);
        assertThat(channel.chunks)
                .extracting(chunk -> (chunk.header().flags() & ChunkFlag.TRIMMED.mask()) != 0)
                .containsExactly(true, false, false);
    }

    @Test
    void shouldServeAllWithTheLongestFormOfAChunkThatWasOpen() {
        write(PACKETS_PER_CHUNK + 100);
        plan("first", 0, written);
        write(50);
        plan("second", 0, written);
        share(PLENTY, "first", "second");
        awaitEnds(2);
        assertThat(sequences()).containsExactly(1L, 2L);
        assertThat(sentRecords()).isEqualTo(PACKETS_PER_CHUNK + 150);
        assertThat(channel.chunks.getLast().header().flags() & ChunkFlag.OPEN_PREFIX.mask()).isNotZero();

        write(PACKETS_PER_CHUNK);
        plan("third", 0, written);
        channel.chunks.clear();
        share(PLENTY, "first", "third", "second");
        awaitEnds(5);
        assertThat(sequences()).containsExactly(1L, 2L, 3L);
        assertThat(channel.chunks.get(1).header().recordCount()).isEqualTo(PACKETS_PER_CHUNK);
        assertThat(channel.chunks.get(1).header().flags() & ChunkFlag.OPEN_PREFIX.mask()).isZero();
    }

    /** The Hub may not have heard of it yet, and takes what comes for all. */
    @Test
    void shouldCutNothingForOneMemberAfterAnotherHasLeft() {
        write(3 * PACKETS_PER_CHUNK + 1);
        plan("goes", 0, 3 * PACKETS_PER_CHUNK);
        plan("stays", 0, 2 * PACKETS_PER_CHUNK + 30);
        share(1, "goes", "stays");
        await().until(() -> channel.chunks.size() == 1);
        onContext(() -> service.release(new ReleaseRequest("goes", "cancelled")));
        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));

        awaitEnds(1);
        assertThat(sentRecords()).isEqualTo(3 * PACKETS_PER_CHUNK);
    }

    @Test
    void shouldCutNothingWhereAMemberIsNotKnown() {
        write(2 * PACKETS_PER_CHUNK + 1);
        plan("known", 10, 2 * PACKETS_PER_CHUNK);

        share(PLENTY, "known", "forgotten");

        awaitEnds(2);
        assertThat(sentRecords()).isEqualTo(2 * PACKETS_PER_CHUNK);
    }

    @Test
    void shouldGoOnAsBeforeWhereAnOrderComesTwice() {
        write(6 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 4);
        planChunks("b", 2, 6);
        SharedStreamRequest request =
                new SharedStreamRequest(STREAM, address(), 1, Map.of("a", Map.of(), "b", Map.of()), null);
        onContext(() -> service.share(request, channel));
        await().until(() -> channel.chunks.size() == 1);
        TestChannel second = new TestChannel();
        onContext(() -> service.share(request, second));
        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));

        awaitEnds(2);
        assertThat(sequences()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(endOf("b").chunks()).isEqualTo(6);
        assertThat(second.closed).isTrue();
        assertThat(second.chunks).isEmpty();
    }

    @Test
    void shouldTellABrokenChunkToEachMemberThatWantedIt() {
        write(4 * PACKETS_PER_CHUNK + 1);
        ring.slot(ring.slots().get(1).index()).set(ValueLayout.JAVA_BYTE, 10_000, (byte) 0x55);
        planChunks("a", 0, 2);
        planChunks("b", 1, 4);
        planChunks("c", 2, 4);

        share(PLENTY, "a", "b", "c");

        awaitEnds(3);
        assertThat(sequences()).containsExactly(1L, 3L, 4L);
        assertThat(endOf("a").gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.CORRUPT);
        assertThat(endOf("b").gaps()).extracting(Gap::from).containsExactly(at(PACKETS_PER_CHUNK));
        assertThat(endOf("b").gaps()).extracting(Gap::lost).containsExactly((long) PACKETS_PER_CHUNK);
        assertThat(endOf("c").gaps()).isEmpty();
    }

    @Test
    void shouldTellEachMemberExactlyWhatItLostAndSendTheRest() {
        write(16 * PACKETS_PER_CHUNK);
        planChunks("old", 0, 8);
        planChunks("new", 6, 14);
        write(18 * PACKETS_PER_CHUNK);
        List<Long> held = ring.slots().stream().map(SlotInfo::sequence).filter(sequence -> sequence <= 14).toList();
        assertThat(held).as("pins held up to their bound").isNotEmpty().doesNotContain(1L);

        share(PLENTY, "old", "new");

        awaitEnds(2);
        assertThat(sequences()).isEqualTo(held);
        assertThat(lostRecords("old")).isEqualTo(8L * PACKETS_PER_CHUNK - sentWithin(held, 1, 8));
        assertThat(lostRecords("new")).isEqualTo(8L * PACKETS_PER_CHUNK - sentWithin(held, 7, 14));
    }

    private long lostRecords(String member) {
        return endOf(member).gaps().stream()
                .peek(gap -> assertThat(gap.cause()).isEqualTo(Gap.Cause.RECYCLED))
                .mapToLong(gap -> gap.lost() == null ? 0 : gap.lost())
                .sum();
    }

    private static long sentWithin(List<Long> held, long first, long last) {
        return held.stream().filter(sequence -> sequence >= first && sequence <= last).count() * PACKETS_PER_CHUNK;
    }

    /** Whichever of them it is. */
    @Test
    void shouldSendWhatOneOfSeveralStillHolds() {
        write(2 * PACKETS_PER_CHUNK + 1);
        List<String> members = List.of("a", "b");
        for (String holder : members) {
            channel.chunks.clear();
            channel.ends.clear();
            members.forEach(id -> planChunks(id, 0, 2));
            members.stream().filter(id -> !id.equals(holder)).forEach(id -> ring.release(id));

            share(PLENTY, "a", "b");

            awaitEnds(2);
            assertThat(sequences()).as("held by %s", holder).containsExactly(1L, 2L);
            members.forEach(id -> onContext(() -> service.release(new ReleaseRequest(id, "completed"))));
        }
    }

    @Test
    void shouldKeepToTheCreditOfTheStream() {
        write(6 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 6);
        planChunks("b", 0, 6);
        share(1, "a", "b");
        await().until(() -> channel.chunks.size() == 1);
        long lengthBytes = channel.chunks.getFirst().lengthBytes();

        onContext(() -> service.credit(new CreditGrant("a", 0, Map.of("packets", 1L))));
        onContext(() -> service.credit(new CreditGrant("b", 0, Map.of())));
        assertThat(pinnedSlots()).as("b still holds the first").isEqualTo(6);
        assertThat(channel.chunks).hasSize(1);
        onContext(() -> service.credit(new CreditGrant("b", 0, Map.of("packets", 1L))));
        assertThat(pinnedSlots()).isEqualTo(5);

        onContext(() -> service.credit(new CreditGrant(STREAM, lengthBytes, Map.of())));
        await().until(() -> channel.chunks.size() == 2);
        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));
        awaitEnds(2);
        assertThat(sequences()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void shouldGoOnAfterABreakBehindWhatEachMemberHas() {
        write(6 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 4);
        planChunks("b", 2, 6);
        share(1, "a", "b");
        await().until(() -> channel.chunks.size() == 1);
        run(() -> channel.onBreak.accept(new IOException("The connection was reset.")));
        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));
        assertThat(channel.order).containsExactly("packets 1");
        assertThat(pinnedSlots()).isEqualTo(6);

        share(PLENTY, Map.of("a", Map.of("packets", 1L), "b", Map.of("packets", 4L)));

        awaitEnds(2);
        assertThat(sequences()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(endOf("b").chunks()).as("of the second stream alone").isEqualTo(5);
        assertThat(pinnedSlots()).as("what is durable is unpinned").isEqualTo(5);
    }

    @Test
    void shouldRenewTheLeasesOfAllByAWordOfAnyOfThem() {
        write(2 * PACKETS_PER_CHUNK + 1);
        for (String id : List.of("a", "b")) {
            onContext(() -> service.plan(new PlanRequest(id, ns(0), ns(written), LEASE_MS)));
        }
        share(1, "a", "b");
        for (String word : List.of(STREAM, "a", STREAM, "b")) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(LEASE_MS * 3 / 4));
            onContext(() -> service.credit(new CreditGrant(word, 0, Map.of())));
            run(service::expire);
        }
        assertThat(channel.ends).isEmpty();
        assertThat(onContext(() -> service.credit(new CreditGrant("a", 0, Map.of()))).waits()).isFalse();

        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(LEASE_MS + 1));
        run(service::expire);

        awaitEnds(2);
        assertThat(channel.ends).extracting(StreamEnd::failureCode).containsOnly(ErrorCode.TIMED_OUT.name());
        assertThat(pinnedSlots()).isZero();
        assertThatThrownBy(() -> onContext(() -> service.credit(new CreditGrant(STREAM, 0, Map.of()))))
                .hasMessageContaining("no session");
    }

    @Test
    void shouldLeaveOutAReleasedMemberAndKeepWhatIsBeingReadUntilItIsGivenBack() {
        write(6 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 2);
        planChunks("b", 0, 6);
        channel.keeping = true;
        share(1, "a", "b");
        await().until(() -> channel.chunks.size() == 1);

        onContext(() -> service.release(new ReleaseRequest("b", "cancelled")));
        assertThat(pinnedSlots()).isEqualTo(2);
        onContext(() -> service.credit(new CreditGrant("a", 0, Map.of("packets", 1L))));
        assertThat(pinnedSlots()).isEqualTo(1);
        assertThat(ring.slotsBeingRead()).as("the one that was sent, and the one behind it").isBetween(1, 2);

        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));
        awaitEnds(1);
        assertThat(sequences()).containsExactly(1L, 2L);
        channel.kept.forEach(Chunk::release);
        assertThat(ring.slotsBeingRead()).isZero();
        onContext(() -> service.release(new ReleaseRequest("a", "completed")));
        assertThat(pinnedSlots()).isZero();
        assertThatThrownBy(() -> onContext(() -> service.credit(new CreditGrant(STREAM, 0, Map.of()))))
                .as("nobody is left")
                .hasMessageContaining("no session");
    }

    @Test
    void shouldTellAMemberThatHasNoSessionAndServeTheOthers() {
        write(PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 1);

        share(PLENTY, "a", "gone");

        awaitEnds(2);
        assertThat(endOf("gone").failureCode()).isEqualTo(ErrorCode.WRONG_STATE.name());
        assertThat(endOf("a").failure()).isNull();
        assertThatThrownBy(() -> share(PLENTY, "gone", "never")).hasMessageContaining("no session");
        assertThatThrownBy(() -> share(PLENTY, Map.of())).hasMessageContaining("1 to 1000 members");
        assertThat(onContext(() -> service.credit(new CreditGrant(STREAM, 0, Map.of()))).waits()).isFalse();
    }

    @Test
    void shouldGiveAMemberAStreamOfItsOwnAndServeTheOthers() {
        write(3 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 3);
        planChunks("b", 0, 3);
        share(1, "a", "b");
        await().until(() -> channel.chunks.size() == 1);
        TestChannel own = new TestChannel();

        onContext(() -> service.stream(new StreamRequest("b", address(), PLENTY, Map.of(), null), own));
        await().until(() -> !own.ends.isEmpty());
        onContext(() -> service.credit(new CreditGrant(STREAM, PLENTY, Map.of())));

        awaitEnds(1);
        assertThat(own.order).containsExactly("packets 1", "packets 2", "packets 3", "end null");
        assertThat(channel.order).containsExactly("packets 1", "packets 2", "packets 3", "end a");
    }

    @Test
    void shouldEndTheStreamAloneWhereTheStreamIsReleased() {
        write(3 * PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 3);
        share(1, "a");
        await().until(() -> channel.chunks.size() == 1);

        onContext(() -> service.release(new ReleaseRequest(STREAM, "each gets its own")));
        assertThat(pinnedSlots()).isEqualTo(3);
        stream("a");

        awaitEnds(1);
        assertThat(channel.order).containsExactly("packets 1", "packets 1", "packets 2", "packets 3", "end null");
    }

    @Test
    void shouldSendTheOldestOfAllSourcesFirst() {
        write(3 * PACKETS_PER_CHUNK + 1);
        try (Ring events =
                        Ring.open(
                                TestEvents.spec(folder, 20L * SLOT_SIZE, SLOT_SIZE),
                                new Ring.RingOptions(0.5, 0, new MovableClock(), System::nanoTime));
                RingWriter eventWriter = events.writer(0)) {
            eventWriter.beginCheckpoint();
            eventWriter.journalEntry(ns(300), TestEvents.entry(ns(300), "exec"));
            eventWriter.commit();
            sources = List.of(sources.getFirst(), new ExtractSource(events, timeoutMs -> true));
            planChunks("a", 0, 3);
            planChunks("b", 1, 3);

            share(PLENTY, "a", "b");

            awaitEnds(2);
            assertThat(channel.order.subList(0, 4)).containsExactly("packets 1", "packets 2", "os 1", "packets 3");
            long lengthBytes = channel.chunks.get(2).lengthBytes();
            assertThat(service.transfers()).containsEntry("os", new Transfer(lengthBytes, lengthBytes));
            List.of("a", "b").forEach(id -> onContext(() -> service.release(new ReleaseRequest(id, "completed"))));
        }
    }

    @Test
    void shouldRefuseMembersThatWerePlannedOnDifferentRings() {
        write(PACKETS_PER_CHUNK + 1);
        planChunks("a", 0, 1);
        try (Ring another =
                Ring.open(
                        TestPackets.spec(folder.resolve("another"), 20L * SLOT_SIZE, SLOT_SIZE),
                        new Ring.RingOptions(0.5, 0, new MovableClock(), System::nanoTime))) {
            sources = List.of(new ExtractSource(another, timeoutMs -> true));
            planChunks("b", 0, 1);
            assertThatThrownBy(() -> share(PLENTY, "a", "b")).hasMessageContaining("different rings of packets");
            onContext(() -> service.release(new ReleaseRequest("b", "completed")));
        }
    }

    @Test
    void shouldNotWaitOnceMoreForWhatWasWaitedForBefore() {
        AtomicInteger drained = new AtomicInteger();
        sources =
                List.of(
                        new ExtractSource(
                                ring,
                                timeoutMs -> {
                                    drained.incrementAndGet();
                                    return true;
                                }));
        write(3 * PACKETS_PER_CHUNK);
        planChunks("a", 0, 1);
        planChunks("b", 1, 3);
        assertThat(drained).hasValue(1);

        write(1);
        planChunks("c", 2, 3);
        assertThat(drained).as("its window had ended by the first").hasValue(1);
        plan("d", 0, written);
        assertThat(drained).hasValue(2);

        now.set(START);
        planChunks("e", 0, 1);
        assertThat(drained).as("the clock was set back").hasValue(3);
        ExtractSource live = sources.getFirst();
        sources = List.of(new ExtractSource(ring, live.drain(), false));
        now.set(at(written));
        planChunks("f", 0, 3);
        planChunks("g", 0, 3);
        assertThat(drained).as("a replay brings what is old").hasValue(5);
    }

    @Test
    void shouldServeAThousandMembers() {
        write(12 * PACKETS_PER_CHUNK);
        Map<String, Map<String, Long>> members = new HashMap<>();
        for (int index = 0; index < SharedStreamRequest.MAX_MEMBERS; index++) {
            plan("s" + index, index, 2 * PACKETS_PER_CHUNK + index);
            members.put("s" + index, Map.of());
        }

        share(PLENTY, members);

        awaitEnds(SharedStreamRequest.MAX_MEMBERS);
        assertThat(sequences()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        Map<String, Integer> endedAt = new LinkedHashMap<>();
        channel.ends.forEach(end -> endedAt.put(String.valueOf(end.snapshotId()), (int) end.chunks()));
        assertThat(endedAt.get("s0")).as("the oldest").isLessThanOrEqualTo(3);
        members.keySet().forEach(id -> onContext(() -> service.release(new ReleaseRequest(id, "completed"))));
        assertThat(pinnedSlots()).isZero();
    }
}
