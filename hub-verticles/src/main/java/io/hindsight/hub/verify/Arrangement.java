package io.hindsight.hub.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares a row of things with the row that it should be: what is missing, what stands there twice, what was swapped, what was moved. Names as few
 * as explain it: one chunk that was moved to the front has moved, not all others. Immutable.
 */
final class Arrangement {
    /** An expected thing that is found nowhere, or a found thing that is none of them. */
    static final int NONE = -1;

    /**
     * Expected things one after the other.
     *
     * @param from number of the first
     * @param to number of the one after the last
     */
    record Run(int from, int to) {}

    private final int[] identities;
    private final int[] firstFound;
    private final int[] partners;
    private final boolean[] moved;

    /**
     * @param expectedCount how many there should be
     * @param identities of each found thing, the number of the expected one that it is, or {@link #NONE}
     */
    Arrangement(int expectedCount, int[] identities) {
        this.identities = identities.clone();
        this.firstFound = filled(expectedCount);
        this.partners = filled(identities.length);
        this.moved = new boolean[identities.length];
        int[] row = firstOccurrences();
        pairSwapped(row);
        markMoved(row);
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }

    /** Positions of the found things that are expected, without repetitions. */
    private int[] firstOccurrences() {
        List<Integer> row = new ArrayList<>();
        for (int position = 0; position < identities.length; position++) {
            int identity = identities[position];
            if (identity != NONE && firstFound[identity] == NONE) {
                firstFound[identity] = position;
                row.add(position);
            }
        }
        return row.stream().mapToInt(Integer::intValue).toArray();
    }

    private void pairSwapped(int[] row) {
        int[] sorted = Arrays.stream(row).map(position -> identities[position]).sorted().toArray();
        for (int i = 0; i < row.length; i++) {
            int j = Arrays.binarySearch(sorted, identities[row[i]]);
            if (j > i && identities[row[j]] == sorted[i]) {
                partners[row[i]] = row[j];
                partners[row[j]] = row[i];
            }
        }
    }

    /** All that is no part of the longest row that is in order: found in n log n steps, by the least last member for each length. */
    private void markMoved(int[] row) {
        int[] rest = Arrays.stream(row).filter(position -> partners[position] == NONE).toArray();
        int[] lasts = new int[rest.length];
        int[] previous = filled(identities.length);
        int longest = 0;
        for (int position : rest) {
            int length = lengthBelow(lasts, longest, identities[position]);
            previous[position] = length == 0 ? NONE : lasts[length - 1];
            lasts[length] = position;
            longest = Math.max(longest, length + 1);
            moved[position] = true;
        }
        for (int position = longest == 0 ? NONE : lasts[longest - 1]; position != NONE; position = previous[position]) {
            moved[position] = false;
        }
    }

    private int lengthBelow(int[] lasts, int longest, int identity) {
        int low = 0;
        int high = longest;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (identities[lasts[middle]] < identity) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Position of the first of those that the one at this position repeats, or {@link #NONE}. */
    int repeats(int position) {
        int identity = identities[position];
        return identity == NONE || firstFound[identity] == position ? NONE : firstFound[identity];
    }

    /** Position of the one that stands in this one's place while this one stands in its, or {@link #NONE}. */
    int swappedWith(int position) {
        return partners[position];
    }

    /** Whether it stands where it does not belong, without being one of a swapped pair. */
    boolean isMoved(int position) {
        return moved[position];
    }

    /** What is found nowhere. */
    List<Run> missing() {
        List<Run> runs = new ArrayList<>();
        for (int number = 0; number < firstFound.length; number++) {
            if (firstFound[number] == NONE) {
                int from = number;
                while (number < firstFound.length && firstFound[number] == NONE) {
                    number++;
                }
                runs.add(new Run(from, number));
            }
        }
        return List.copyOf(runs);
    }
}
