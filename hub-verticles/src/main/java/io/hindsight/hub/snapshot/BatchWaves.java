package io.hindsight.hub.snapshot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * In what order a batch's snapshots begin: those whose windows start first, because what they want is what the rings recycle next; as many at once as may stream
 * at once; and windows that overlap together as far as they fit, because only what begins together is read once. Stateless.
 */
final class BatchWaves {
    private BatchWaves() {}

    /** So that no wave has more than {@code maxStreams} nodes' streams, but for a snapshot that has more by itself. */
    static List<List<SnapshotOrder>> of(List<SnapshotOrder> orders, int maxStreams) {
        List<List<SnapshotOrder>> waves = new ArrayList<>();
        List<SnapshotOrder> wave = new ArrayList<>();
        for (List<SnapshotOrder> group : overlapping(orders)) {
            boolean fitsAnew = streams(group) <= maxStreams;
            if (fitsAnew && streams(wave) + streams(group) > maxStreams) {
                wave = next(waves, wave);
            }
            for (SnapshotOrder order : group) {
                if (streams(wave) + order.nodes().size() > maxStreams) {
                    wave = next(waves, wave);
                }
                wave.add(order);
            }
        }
        next(waves, wave);
        return waves;
    }

    private static List<SnapshotOrder> next(List<List<SnapshotOrder>> waves, List<SnapshotOrder> full) {
        if (!full.isEmpty()) {
            waves.add(List.copyOf(full));
        }
        return new ArrayList<>();
    }

    static int streams(List<SnapshotOrder> orders) {
        return orders.stream().mapToInt(order -> order.nodes().size()).sum();
    }

    /** Groups of which each window overlaps another of its group, and none of another group. */
    private static List<List<SnapshotOrder>> overlapping(List<SnapshotOrder> orders) {
        List<SnapshotOrder> sorted =
                orders.stream().sorted(Comparator.comparingLong(order -> order.window().fromNs())).toList();
        List<List<SnapshotOrder>> groups = new ArrayList<>();
        long coveredToNs = Long.MIN_VALUE;
        for (SnapshotOrder order : sorted) {
            if (groups.isEmpty() || order.window().fromNs() >= coveredToNs) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(order);
            coveredToNs = Math.max(coveredToNs, order.window().toNs());
        }
        return groups;
    }
}
