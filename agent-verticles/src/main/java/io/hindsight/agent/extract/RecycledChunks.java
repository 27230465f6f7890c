package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the chunks that a ring no longer has may have lain in time. Each writer's chunks follow each other; those of different writers overlap, since one fills its chunk in the
 * time in which another fills many. So what is missing of a writer lies between two of its chunks, whatever others hold of that time. Immutable.
 */
final class RecycledChunks {
    private final List<SlotInfo> slots;
    private final Map<Integer, Long> recycledThroughNs;
    private final long firstSequence;

    /** A stretch of time in which chunks are missing. */
    @FunctionalInterface
    interface Stretch {
        void missing(long fromNs, long toNs, long chunks);
    }

    /**
     * @param slots that are there, oldest first
     * @param recycledThroughNs by writer, the last time of a record that may be gone
     * @param firstSequence from which on chunks should be there
     */
    RecycledChunks(List<SlotInfo> slots, Map<Integer, Long> recycledThroughNs, long firstSequence) {
        this.slots = slots.stream().filter(SlotInfo::hasRecords).toList();
        this.recycledThroughNs = recycledThroughNs;
        this.firstSequence = firstSequence;
    }

    /** Until when, after this time, records of chunks are missing that come before all others of their writer; empty where none is. */
    OptionalLong before(long afterNs) {
        if (slots.isEmpty()) {
            return OptionalLong.empty();
        }
        List<Long> sequences = slots.stream().map(SlotInfo::sequence).toList();
        Map<Integer, SlotInfo> first = new HashMap<>();
        slots.forEach(slot -> first.putIfAbsent(slot.writer(), slot));
        long untilNs = Long.MIN_VALUE;
        for (Map.Entry<Integer, Long> writer : recycledThroughNs.entrySet()) {
            SlotInfo next = first.get(writer.getKey());
            long nextSequence = next == null ? sequences.getLast() + 1 : next.sequence();
            if (missingAmong(sequences, firstSequence - 1, nextSequence) > 0) {
                untilNs = Math.max(untilNs, goneUntilNs(writer.getValue() + 1, next, first.keySet()));
            }
        }
        return untilNs > afterNs ? OptionalLong.of(untilNs) : OptionalLong.empty();
    }

    /** Where one writer fills all chunks, nothing lies between what is gone and what is there. */
    private long goneUntilNs(long recycledUntilNs, @Nullable SlotInfo next, Set<Integer> writers) {
        if (next == null) {
            return recycledUntilNs;
        }
        boolean alone = writers.size() == 1 && recycledThroughNs.size() == 1;
        // Records of a writer are nearly in order: what is gone may reach into the chunk behind it.
        return alone ? next.firstTimestampNs() : Math.min(recycledUntilNs, next.lastTimestampNs() + 1);
    }

    /** Tells of each stretch between two chunks of a writer, and behind its last one. */
    void between(Stretch told) {
        List<Long> sequences = slots.stream().map(SlotInfo::sequence).toList();
        Map<Integer, SlotInfo> previous = new TreeMap<>();
        for (SlotInfo slot : slots) {
            SlotInfo before = previous.put(slot.writer(), slot);
            if (before != null && isGone(slot.writer(), before)) {
                long chunks = missingAmong(sequences, before.sequence(), slot.sequence());
                tell(told, before, slot.firstTimestampNs(), chunks);
            }
        }
        previous.forEach((writer, last) -> {
            if (isGone(writer, last)) {
                long chunks = missingAmong(sequences, last.sequence(), sequences.getLast() + 1);
                tell(told, last, recycledThroughNs.getOrDefault(writer, 0L) + 1, chunks);
            }
        });
    }

    private boolean isGone(int writer, SlotInfo before) {
        return recycledThroughNs.getOrDefault(writer, Long.MIN_VALUE) >= before.lastTimestampNs();
    }

    private static void tell(Stretch told, SlotInfo before, long untilNs, long chunks) {
        if (chunks > 0) {
            long fromNs = Math.min(before.lastTimestampNs(), untilNs);
            told.missing(fromNs, Math.max(before.lastTimestampNs(), untilNs), chunks);
        }
    }

    /** How many sequences between the two are not there. */
    private static long missingAmong(List<Long> sequences, long before, long after) {
        long between = sequences.stream().filter(sequence -> sequence > before && sequence < after).count();
        return Math.max(0, after - before - 1) - between;
    }
}
