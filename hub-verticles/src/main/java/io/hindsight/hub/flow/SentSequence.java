package io.hindsight.hub.flow;

import org.jspecify.annotations.Nullable;

/**
 * Which sequence numbers one end has sent, as one point saw it: everything below the next one, but for the last {@value #MAX_GAPS} gaps. What falls into a gap
 * was lost or overtaken ahead of this point, and is here for the first time. An older gap than those is forgotten: then what fills it counts as sent before.
 */
final class SentSequence {
    /** Gaps that are remembered. */
    static final int MAX_GAPS = 8;

    private boolean known;
    private int next;

    /** First number and first number after, in pairs; absent as long as there never was a gap. */
    private int @Nullable [] gaps;

    private int gapCount;

    /** Forgets everything: a new connection. */
    void clear() {
        known = false;
        gapCount = 0;
    }

    /** Whether this is the last number that was sent. */
    boolean isLast(int sequence) {
        return known && sequence + 1 == next;
    }

    /**
     * Takes a segment.
     *
     * @param length numbers that it takes up, at least 1
     * @return whether its first number was sent before
     */
    boolean add(int sequence, int length) {
        int end = sequence + length;
        if (!known) {
            known = true;
            next = end;
            return false;
        }
        int ahead = sequence - next;
        if (ahead >= 0) {
            if (ahead > 0) {
                addGap(next, sequence);
            }
            next = end;
            return false;
        }
        boolean isNew = fillGap(sequence, end);
        if (end - next > 0) {
            next = end;
        }
        return !isNew;
    }

    private void addGap(int from, int to) {
        int[] pairs = gaps;
        if (pairs == null) {
            pairs = new int[2 * MAX_GAPS];
            gaps = pairs;
        }
        if (gapCount == MAX_GAPS) {
            System.arraycopy(pairs, 2, pairs, 0, 2 * (MAX_GAPS - 1));
            gapCount--;
        }
        pairs[2 * gapCount] = from;
        pairs[2 * gapCount + 1] = to;
        gapCount++;
    }

    /** Takes the numbers out of the gap in which the first one lies. @return whether there is one */
    private boolean fillGap(int sequence, int end) {
        int[] pairs = gaps;
        for (int i = 0; pairs != null && i < gapCount; i++) {
            if (sequence - pairs[2 * i] >= 0 && sequence - pairs[2 * i + 1] < 0) {
                takeOut(pairs, i, sequence, end);
                return true;
            }
        }
        return false;
    }

    private void takeOut(int[] pairs, int gap, int sequence, int end) {
        int from = pairs[2 * gap];
        int to = pairs[2 * gap + 1];
        boolean reachesEnd = end - to >= 0;
        if (sequence != from) {
            pairs[2 * gap + 1] = sequence;
            if (!reachesEnd) {
                addGap(end, to);
            }
        } else if (reachesEnd) {
            System.arraycopy(pairs, 2 * (gap + 1), pairs, 2 * gap, 2 * (gapCount - gap - 1));
            gapCount--;
        } else {
            pairs[2 * gap] = end;
        }
    }
}
