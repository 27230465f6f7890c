package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.SlotState;
import io.hindsight.api.Gap;
import io.hindsight.bus.HeldChunks;
import io.hindsight.chunk.DropCause;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the parts of a window for which one ring lacks records, from its directory alone. Used once, by one thread. */
final class GapFinder {
    private final Ring ring;
    private final TimeWindow window;
    private final Gaps gaps;
    private final Map<Integer, Long> recycledThroughNs;

    /** Chunks that the session had pinned and lost: their loss is told for each by itself. */
    private final Set<Long> told;

    /** After the slots have been asked for: what is recycled since counts too. */
    GapFinder(Ring ring, TimeWindow window, Gaps gaps) {
        this.ring = ring;
        this.recycledThroughNs = ring.recycledThroughNs();
        this.window = window;
        this.gaps = gaps;
        this.told = Set.of();
    }

    /** {@code lost} are the chunks that the session had pinned before, in a former round, and lost. */
    GapFinder(Ring ring, TimeWindow window, Gaps gaps, List<SlotInfo> lost) {
        this.ring = ring;
        this.recycledThroughNs = ring.recycledThroughNs();
        this.window = window;
        this.gaps = gaps;
        this.told = lost.stream().map(SlotInfo::sequence).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * @param slots every chunk of the ring, oldest first
     * @param drainedNs when everything seen before had been committed
     * @param drained whether that succeeded
     */
    void find(List<SlotInfo> slots, long drainedNs, boolean drained) {
        long historyStartNs = beforeOldest(slots);
        whileNothingRan(historyStartNs, RunTimes.of(ring.recorderRuns(), slots));
        RecycledChunks recycled = new RecycledChunks(slots, recycledThroughNs, 1);
        recycledAmongOthers(historyStartNs, recycled);
        missingSequences(recycled);
        corrupt(slots);
        drops(slots, 0);
        atEnd(drainedNs, drained);
    }

    /**
     * For one round of a window that is taken while it is being recorded: what is missing up to the chunks that it plans. Each thing that is missing is found in
     * the same words in every round, so that it counts once.
     *
     * @param held what came in former rounds; null: nothing
     * @param slots every chunk of the ring, oldest first
     * @param before the first sequence that is left to a later round
     */
    void findSoFar(@Nullable HeldChunks held, List<SlotInfo> slots, long before) {
        long after = held == null ? 0 : held.sequence();
        long historyStartNs = held == null ? beforeOldest(slots) : held.lastTimestampNs();
        whileNothingRan(historyStartNs, RunTimes.of(ring.recorderRuns(), slots));
        List<SlotInfo> seen = slots.stream().filter(slot -> slot.sequence() < before).toList();
        List<SlotInfo> rest = seen.stream().filter(slot -> slot.sequence() > after).toList();
        if (held == null) {
            recycledAmongOthers(historyStartNs, new RecycledChunks(seen, recycledThroughNs, 1));
            missingOfRound(rest);
        } else {
            recycledBetweenRounds(held, rest);
        }
        corrupt(rest);
        drops(seen, after);
    }

    private void recycledBetweenRounds(HeldChunks held, List<SlotInfo> rest) {
        long sequence = held.sequence();
        long lastNs = held.lastTimestampNs();
        for (SlotInfo slot : rest) {
            long missing = untold(sequence, slot.sequence());
            if (missing > 0 && slot.hasRecords()) {
                gaps.add(
                        Math.min(lastNs, slot.firstTimestampNs()) + 1,
                        Math.max(lastNs, slot.firstTimestampNs()),
                        Gap.Cause.RECYCLED,
                        missing
                                + " chunks of "
                                + ring.spec().source().label()
                                + " were recycled before the Hub asked for them: the ring turned over while it could not. A larger storage-size keeps them longer.",
                        null);
            }
            sequence = slot.sequence();
            lastNs = slot.hasRecords() ? slot.lastTimestampNs() : lastNs;
        }
    }

    /** Sequences between the two of which nothing has been told. */
    private long untold(long before, long after) {
        return after - before - 1 - told.stream().filter(lost -> lost > before && lost < after).count();
    }

    /** The last round. */
    void findLast(@Nullable HeldChunks held, List<SlotInfo> slots, long drainedNs, boolean drained) {
        findSoFar(held, slots, Long.MAX_VALUE);
        atEnd(drainedNs, drained);
    }

    /**
     * For a session that goes on: what is missing behind the chunks that the Hub holds.
     *
     * @param rest every chunk of the ring after those, oldest first
     */
    void findAfter(HeldChunks held, List<SlotInfo> rest) {
        Set<Integer> writers = new HashSet<>(recycledThroughNs.keySet());
        rest.forEach(slot -> writers.add(slot.writer()));
        // Chunks of several writers overlap in time: then the last record that is held does not say where the next one
        // would be.
        long heldThroughNs = writers.size() > 1 ? window.fromNs() - 1 : held.lastTimestampNs();
        RecycledChunks recycled = new RecycledChunks(rest, recycledThroughNs, held.sequence() + 1);
        recycled.before(heldThroughNs)
                .ifPresent(untilNs ->
                        gaps.add(
                                heldThroughNs + 1,
                                untilNs,
                                Gap.Cause.RECYCLED,
                                "Chunks of "
                                        + ring.spec().source().label()
                                        + " behind sequence="
                                        + held.sequence()
                                        + " were recycled before an interrupted session went on.",
                                null));
        missingSequences(recycled);
        corrupt(rest);
        drops(rest, 0);
    }

    /** Returns where what the ring remembers begins. */
    private long beforeOldest(List<SlotInfo> slots) {
        boolean recycled = slots.stream().noneMatch(slot -> slot.sequence() == 1) && !slots.isEmpty();
        if (!recycled) {
            return window.fromNs();
        }
        long oldest =
                slots.stream()
                        .filter(SlotInfo::hasRecords)
                        .mapToLong(SlotInfo::firstTimestampNs)
                        .min()
                        .orElse(window.toNs());
        gaps.add(
                window.fromNs(),
                oldest,
                Gap.Cause.RECYCLED,
                "The ring's oldest record of "
                        + ring.spec().source().label()
                        + " is of "
                        + EpochNanos.format(oldest)
                        + "; what was before has been recycled.",
                null);
        return oldest;
    }

    /** Chunks that are gone and reached further than the oldest that is there began. */
    private void recycledAmongOthers(long historyStartNs, RecycledChunks recycled) {
        recycled.before(historyStartNs)
                .ifPresent(untilNs ->
                        gaps.add(
                                historyStartNs,
                                untilNs,
                                Gap.Cause.RECYCLED,
                                "Records of "
                                        + ring.spec().source().label()
                                        + " up to "
                                        + EpochNanos.format(untilNs)
                                        + " have been recycled; others of the same time are there, because capture threads fill"
                                        + " their chunks at different speeds.",
                                null));
    }

    private void whileNothingRan(long historyStartNs, List<RunTimes> runs) {
        @Nullable RunTimes previous = null;
        for (RunTimes run : runs) {
            if (previous == null && run.number() == 1) {
                gaps.add(
                        historyStartNs,
                        run.fromNs(),
                        Gap.Cause.NOT_RECORDED,
                        "Recording of "
                                + ring.spec().source().label()
                                + " began at "
                                + EpochNanos.format(run.fromNs())
                                + ".",
                        null);
            } else if (previous != null) {
                long previousToNs = Math.max(historyStartNs, previous.toNs());
                gaps.add(
                        previousToNs,
                        run.fromNs(),
                        Gap.Cause.NOT_RECORDED,
                        "The agent was down, or its recording of "
                                + ring.spec().source().label()
                                + " stood still, from "
                                + EpochNanos.format(previousToNs)
                                + " to "
                                + EpochNanos.format(run.fromNs())
                                + ".",
                        null);
            }
            previous = run;
        }
    }

    /** Chunks between others are missing where pins kept older ones and recycling passed them by. */
    private void missingSequences(RecycledChunks recycled) {
        recycled.between(this::passedBy);
    }

    /** The same of a round: what has been told of chunks that were pinned is not told again. */
    private void missingOfRound(List<SlotInfo> slots) {
        @Nullable SlotInfo previous = null;
        for (SlotInfo slot : slots) {
            if (previous != null && previous.hasRecords() && slot.hasRecords()) {
                long missing = untold(previous.sequence(), slot.sequence());
                if (missing > 0) {
                    passedBy(
                            Math.min(previous.lastTimestampNs(), slot.firstTimestampNs()),
                            Math.max(previous.lastTimestampNs(), slot.firstTimestampNs()),
                            missing);
                }
            }
            previous = slot;
        }
    }

    private void passedBy(long fromNs, long toNs, long missing) {
        gaps.add(
                fromNs,
                toNs,
                Gap.Cause.RECYCLED,
                missing
                        + " chunks of "
                        + ring.spec().source().label()
                        + " have been recycled while older ones were held for another snapshot.",
                null);
    }

    private void corrupt(List<SlotInfo> slots) {
        for (SlotInfo slot : slots) {
            if (slot.state() == SlotState.CORRUPT && slot.firstTimestampNs() <= slot.lastTimestampNs()) {
                gaps.add(
                        slot.firstTimestampNs(),
                        slot.lastTimestampNs() + 1,
                        Gap.Cause.CORRUPT,
                        "The chunk sequence=" + slot.sequence() + " was found broken when the agent started.",
                        (long) slot.recordCount());
            }
        }
    }

    /** A chunk's drops happened somewhere between its writer's previous chunk and its own last record; those up to {@code after} have been told. */
    private void drops(List<SlotInfo> slots, long after) {
        Map<Integer, SlotInfo> previousOfWriter = new HashMap<>();
        for (SlotInfo slot : slots) {
            if (slot.hasRecords()) {
                @Nullable SlotInfo previous = previousOfWriter.put(slot.writer(), slot);
                long fromNs =
                        previous == null
                                ? slot.firstTimestampNs()
                                : Math.min(previous.lastTimestampNs(), slot.firstTimestampNs());
                if (slot.sequence() > after) {
                    for (DropCause cause : DropCause.values()) {
                        dropped(slot, cause, fromNs);
                    }
                }
            }
        }
    }

    private void dropped(SlotInfo slot, DropCause cause, long fromNs) {
        long lost = slot.dropped(cause);
        if (lost > 0) {
            gaps.add(
                    fromNs,
                    slot.lastTimestampNs() + 1,
                    cause == DropCause.KERNEL ? Gap.Cause.DROPPED_BY_KERNEL : Gap.Cause.DROPPED_BY_RING,
                    lost
                            + " records of "
                            + ring.spec().source().label()
                            + " were dropped (cause="
                            + cause.label()
                            + ") up to chunk sequence="
                            + slot.sequence()
                            + ".",
                    lost);
        }
    }

    private void atEnd(long drainedNs, boolean drained) {
        String source = ring.spec().source().label();
        if (!drained) {
            long newest = ring.usage().newestNs().orElse(window.fromNs());
            gaps.add(
                    newest,
                    window.toNs(),
                    Gap.Cause.NOT_YET_CAPTURED,
                    "Records of " + source + " that the kernel had at the window's end were not in the ring in time.",
                    null);
        } else {
            gaps.add(
                    drainedNs,
                    window.toNs(),
                    Gap.Cause.NOT_YET_CAPTURED,
                    "The window ends after " + EpochNanos.format(drainedNs) + ", when " + source + " were frozen.",
                    null);
        }
    }
}
