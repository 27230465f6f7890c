package io.hindsight.hub.export;

import java.util.Arrays;

/**
 * Sorts a chunk's records by time where its writer did not see them in order. Stable. Records are nearly sorted as a rule (packets of
 * several processors within one kernel ring), so this is a natural merge sort that touches only what overlaps: runs are found as they are,
 * neighbours are merged pairwise, and of a pair only the part between where the right run's first record belongs and where the left run's
 * last one does is moved.
 */
final class RecordOrder {
    private final long[] timesNs;
    private final int[] order;
    private final int[] left;

    private RecordOrder(long[] timesNs) {
        this.timesNs = timesNs;
        this.order = new int[timesNs.length];
        this.left = new int[timesNs.length];
        Arrays.setAll(order, i -> i);
    }

    /** Indices into {@code timesNs} by time, equal times in the order of their index. */
    static int[] sorted(long[] timesNs) {
        RecordOrder sort = new RecordOrder(timesNs);
        int[] runs = sort.runs();
        int count = runs.length - 1;
        while (count > 1) {
            count = sort.mergePairs(runs, count);
        }
        return sort.order;
    }

    /** Where each ascending run starts, and the end. */
    private int[] runs() {
        int[] starts = new int[timesNs.length + 1];
        int count = 0;
        for (int i = 0; i < timesNs.length; i++) {
            if (i == 0 || timesNs[i] < timesNs[i - 1]) {
                starts[count++] = i;
            }
        }
        starts[count] = timesNs.length;
        return Arrays.copyOf(starts, count + 1);
    }

    private int mergePairs(int[] starts, int count) {
        int merged = 0;
        for (int run = 0; run < count; run += 2) {
            if (run + 1 < count) {
                merge(starts[run], starts[run + 1], starts[run + 2]);
            }
            starts[merged++] = starts[run];
        }
        starts[merged] = timesNs.length;
        return merged;
    }

    private void merge(int from, int middle, int to) {
        int first = firstAfter(from, middle, time(middle));
        int last = firstNotBefore(middle, to, time(middle - 1));
        int leftLength = middle - first;
        System.arraycopy(order, first, left, 0, leftLength);
        int l = 0;
        int r = middle;
        for (int target = first; l < leftLength; target++) {
            boolean takeRight = r < last && time(r) < timesNs[left[l]];
            order[target] = takeRight ? order[r++] : left[l++];
        }
    }

    /** First position of a sorted range whose time is after the given one. */
    private int firstAfter(int from, int to, long timeNs) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (time(middle) <= timeNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** First position of a sorted range whose time is not before the given one. */
    private int firstNotBefore(int from, int to, long timeNs) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (time(middle) < timeNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private long time(int position) {
        return timesNs[order[position]];
    }
}
