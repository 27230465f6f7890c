package io.hindsight.launcher.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Left-aligned columns, two blanks apart, as wide as their widest cell. Not thread-safe. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /** The heading is the first row. */
    public Table(String... heading) {
        row(heading);
    }

    /** Adds a row with as many cells as the heading has. */
    public Table row(String... cells) {
        rows.add(List.copyOf(Arrays.asList(cells)));
        return this;
    }

    /** Writes all rows. */
    public void print(PrintStream out) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        rows.forEach(row -> out.println(line(row, widths)));
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            line.append(row.get(column)).repeat(' ', widths[column] - row.get(column).length() + 2);
        }
        return line.toString().stripTrailing();
    }
}
