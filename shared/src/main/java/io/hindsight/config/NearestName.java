package io.hindsight.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody who mistyped a name may have meant. */
public final class NearestName {
    private NearestName() {}

    /** The known name with the fewest edits between, if they are at most a third of the name's length (and at least two may be). */
    public static Optional<String> of(String unknown, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(unknown, name)))
                .filter(name -> distance(unknown, name) <= Math.max(2, name.length() / 3));
    }

    /** Levenshtein distance with two rows. */
    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            previous = nextRow(left.charAt(row - 1), right, previous, row);
        }
        return previous[right.length()];
    }

    private static int[] nextRow(char letter, String right, int[] previous, int row) {
        int[] current = new int[previous.length];
        current[0] = row;
        for (int column = 1; column < current.length; column++) {
            int substitution = previous[column - 1] + (letter == right.charAt(column - 1) ? 0 : 1);
            current[column] = Math.min(substitution, Math.min(previous[column], current[column - 1]) + 1);
        }
        return current;
    }
}
