package io.hindsight.launcher.client;

import io.hindsight.api.Timeline;
import io.hindsight.api.Timeline.Bucket;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.time.Durations;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A timeline for people: a line for each bucket in which something happened, with a bar as long as its share of the packets' bytes. */
record TimelineText(Timeline timeline) {
    private static final int BAR_LENGTH = 24;
    private static final int MAX_KINDS = 4;
    private static final String NONE = "-";

    void print(PrintStream out) {
        Duration bucket = Duration.ofMillis(timeline.bucketMs());
        out.println(
                timeline.id()
                        + "  "
                        + timeline.from()
                        + " to "
                        + timeline.to()
                        + " ("
                        + Human.duration(Duration.between(timeline.from(), timeline.to()))
                        + "), "
                        + Durations.format(bucket)
                        + " a line");
        Table table = new Table("TIME", "PACKETS", "BYTES", "", "LOST", "GAPS", "EVENTS");
        long most = timeline.buckets().stream().mapToLong(Bucket::originalBytes).max().orElse(0);
        Instant next = timeline.from();
        for (Bucket each : timeline.buckets()) {
            skipped(table, Duration.between(next, each.time()), bucket);
            row(table, each.time().toString(), each, bar(each.originalBytes(), most));
            next = each.time().plus(bucket);
        }
        skipped(table, Duration.between(next, timeline.to()), bucket);
        timeline.nodes().forEach(node -> row(table, node.node(), node.total(), ""));
        if (timeline.nodes().size() > 1) {
            row(table, "all nodes", timeline.total(), "");
        }
        table.print(out);
    }

    /** Buckets in which nothing happened take one line. */
    private static void skipped(Table table, Duration nothing, Duration bucket) {
        if (nothing.compareTo(bucket) >= 0) {
            table.row("  nothing for " + Human.duration(nothing), NONE, NONE, "", NONE, NONE, NONE);
        }
    }

    private static void row(Table table, String name, Bucket bucket, String bar) {
        table.row(
                name,
                number(bucket.packets()),
                bucket.originalBytes() == 0 ? NONE : Human.bytes(bucket.originalBytes()),
                bar,
                number(bucket.drops().values().stream().mapToLong(Long::longValue).sum()),
                number(bucket.gaps()),
                events(bucket.events()));
    }

    private static String number(long value) {
        return value == 0 ? NONE : Human.count(value);
    }

    private static String bar(long value, long most) {
        return value == 0 ? "" : "#".repeat(Math.max(1, (int) Math.round((double) value * BAR_LENGTH / most)));
    }

    /** The most frequent kinds. */
    private static String events(Map<String, Long> events) {
        List<Map.Entry<String, Long>> ordered =
                events.entrySet().stream()
                        .sorted(
                                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                        .thenComparing(Map.Entry.comparingByKey()))
                        .toList();
        String shown =
                ordered.stream()
                        .limit(MAX_KINDS)
                        .map(kind -> kind.getKey() + " " + Human.count(kind.getValue()))
                        .collect(Collectors.joining(", "));
        int more = ordered.size() - MAX_KINDS;
        return shown.isEmpty() ? NONE : shown + (more > 0 ? ", and " + more + " kinds more" : "");
    }
}
