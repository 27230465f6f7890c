package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.PlannedRing;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileHoldings;
import io.hindsight.hub.store.FileHoldings.Hole;
import io.hindsight.hub.store.FileHoldings.Writers;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a node's plans promised and its file does not hold: where in time it may lie, and whether the agent has told of it.
 *
 * <p>Chunks of one writer follow each other, so that a hole lies between its neighbours. Those of several overlap: it is not known whose chunk is missing, and a hole is
 * as wide as it may be.
 *
 * @param rings by source label, what was promised of it
 * @param window in the node's time
 * @param holdings what is here
 */
record MissingChunks(Map<String, PlannedRing> rings, TimeWindow window, FileHoldings holdings) {
    /** Of a source: all that was promised is here. */
    private static final long WHOLE = Long.MAX_VALUE;

    /** Which chunks a hole is of: where it lies in time is known better as more comes. */
    record Sequences(ChunkSource source, long first, long last) {
        private static Sequences of(Hole hole) {
            return new Sequences(hole.source(), hole.firstSequence(), hole.lastSequence());
        }
    }

    /** Those of every hole. */
    Set<Sequences> sequences() {
        return Stream.concat(leadingHoles().stream(), innerHoles()).map(Sequences::of).collect(Collectors.toSet());
    }

    /**
     * A gap for each hole that nobody explains.
     *
     * @param told gaps that the agent told
     * @param byFirstPlan those of them that its first plan told: it cannot explain that the first chunk that it promised is not here
     * @param settled holes that need no word
     */
    List<Gap> untold(List<Gap> told, List<Gap> byFirstPlan, Set<Sequences> settled) {
        List<Gap> losses = losses(told);
        Set<Gap> first = new HashSet<>(byFirstPlan);
        List<Gap> later = losses.stream().filter(loss -> !first.contains(loss)).toList();
        // What the first plan lacked, it told with its ends, from the chunk before to the one behind: that leaves
        // nothing open of a hole that it explains.
        Stream<Hole> inner = innerHoles().filter(hole -> !isCovered(hole, losses));
        return Stream.concat(leadingHoles().stream(), inner)
                .filter(hole -> !isToldBy(hole, later))
                .filter(hole -> !settled.contains(Sequences.of(hole)))
                .map(this::gap)
                .toList();
    }

    /** In the order of their beginnings. */
    private static List<Gap> losses(List<Gap> gaps) {
        return gaps.stream()
                .filter(gap -> gap.cause() == Gap.Cause.RECYCLED || gap.cause() == Gap.Cause.CORRUPT)
                .sorted(Comparator.comparing(Gap::from))
                .toList();
    }

    /**
     * Whether losses of what had been promised are this hole. Each is as long as the records of a chunk: so as many as chunks are missing touch the hole that they left,
     * where nothing else lies there; or they cover all of it, as they have to among chunks of several writers.
     */
    private boolean isToldBy(Hole hole, List<Gap> losses) {
        return isCovered(hole, losses) || (hole.exact() && chunksTold(hole, losses) >= hole.chunks());
    }

    /** A loss that was told twice, the second time cut to another window, has the same words. */
    private long chunksTold(Hole hole, List<Gap> losses) {
        Instant from = EpochNanos.toInstant(fromNs(hole));
        Instant to = EpochNanos.toInstant(toNs(hole));
        return losses.stream()
                .filter(loss -> loss.from().isBefore(to) && from.isBefore(loss.to()))
                .map(Gap::detail)
                .distinct()
                .count();
    }

    private boolean isCovered(Hole hole, List<Gap> losses) {
        Instant open = EpochNanos.toInstant(fromNs(hole));
        for (Gap loss : losses) {
            if (loss.from().isAfter(open)) {
                break;
            }
            open = loss.to().isAfter(open) ? loss.to() : open;
        }
        return !open.isBefore(EpochNanos.toInstant(toNs(hole)));
    }

    private Gap gap(Hole hole) {
        String why =
                "Chunks of %s from sequence=%d to %d did not come, and the agent that knew why has ended."
                        .formatted(hole.source().label(), hole.firstSequence(), hole.lastSequence());
        return new Gap(
                EpochNanos.toInstant(fromNs(hole)),
                EpochNanos.toInstant(toNs(hole)),
                Gap.Cause.NODE_UNREACHABLE,
                why,
                null);
    }

    private long fromNs(Hole hole) {
        return hole.exact() ? hole.fromNs() : Math.max(hole.fromNs(), window.fromNs());
    }

    private long toNs(Hole hole) {
        long toNs = hole.exact() ? hole.toNs() : Math.min(hole.toNs(), window.toNs());
        return Math.max(toNs, fromNs(hole) + 1);
    }

    /** Where all chunks of a writer may be missing, they may lie anywhere. */
    private Stream<Hole> innerHoles() {
        return holdings.holes().stream()
                .map(hole -> {
                    PlannedRing ring = rings.get(hole.source().label());
                    Writers writers = holdings.writers().get(hole.source());
                    return ring == null || writers == null || writers.count() >= ring.writerCount()
                            ? hole
                            : new Hole(
                                    hole.source(),
                                    hole.firstSequence(),
                                    hole.lastSequence(),
                                    Long.MIN_VALUE,
                                    Long.MAX_VALUE,
                                    false);
                });
    }

    /** Chunks that were planned before the first that is here. */
    private List<Hole> leadingHoles() {
        List<Hole> leading = new ArrayList<>();
        holdings.firstChunks()
                .forEach((source, first) -> {
                    PlannedRing ring = rings.get(source.label());
                    Writers writers = holdings.writers().get(source);
                    if (ring != null && ring.firstSequence() > 0 && first.sequence() > ring.firstSequence()) {
                        boolean exact = ring.writerCount() == 1;
                        leading.add(
                                new Hole(
                                        source,
                                        ring.firstSequence(),
                                        first.sequence() - 1,
                                        exact ? Math.max(ring.firstNs(), window.fromNs()) : window.fromNs(),
                                        exact ? first.firstTimestampNs() : allFromNs(ring, writers),
                                        exact));
                    }
                });
        return leading;
    }

    /** From when on no chunk of a writer is missing before its first one; its records are nearly in order of time, and one of which nothing is here may lack all. */
    private long allFromNs(PlannedRing ring, @Nullable Writers writers) {
        return writers == null || writers.count() < ring.writerCount() ? window.toNs() : writers.allFromNs() + 1;
    }

    /**
     * What did not come any more of a node that failed: one gap for each source of which something that was promised is not here, the longest first, since sources come
     * one after the other.
     */
    List<Gap> rest(FileCounts counts, Gap.Cause cause, String why) {
        if (!counts.hasRecords()) {
            return List.of(restFrom(window.fromNs(), cause, why));
        }
        Map<ChunkSource, Long> through = new EnumMap<>(ChunkSource.class);
        for (ChunkSource source : ChunkSource.values()) {
            PlannedRing ring = rings.get(source.label());
            long throughNs = ring == null || ring.lastSequence() == 0 ? WHOLE : heldThroughNs(ring, source);
            if (throughNs != WHOLE) {
                through.put(source, Math.min(throughNs, counts.lastTimestampNs()));
            }
        }
        if (through.size() < 2) {
            long throughNs = through.values().stream().findFirst().orElse(counts.lastTimestampNs());
            return List.of(restFrom(throughNs + 1, cause, why));
        }
        return through.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(each ->
                        restFrom(each.getValue() + 1, cause, why + " This is about " + each.getKey().label() + "."))
                .toList();
    }

    private Gap restFrom(long fromNs, Gap.Cause cause, String why) {
        long inside = Math.clamp(fromNs, window.fromNs(), window.toNs() - 1);
        return new Gap(EpochNanos.toInstant(inside), EpochNanos.toInstant(window.toNs()), cause, why, null);
    }

    /** Until when nothing of a source is missing. Chunks of one writer come in the order of time; those of several overlap, and what is missing may be any one's. */
    private long heldThroughNs(PlannedRing ring, ChunkSource source) {
        ChunkHeader last = holdings.lastChunks().get(source);
        Writers writers = holdings.writers().get(source);
        if (last == null || writers == null) {
            return window.fromNs() - 1;
        }
        if (last.sequence() >= ring.lastSequence()) {
            return WHOLE;
        }
        if (ring.writerCount() == 1) {
            return last.lastTimestampNs();
        }
        return writers.count() < ring.writerCount() ? window.fromNs() - 1 : writers.allThroughNs();
    }
}
