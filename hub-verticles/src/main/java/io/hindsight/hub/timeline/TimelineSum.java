package io.hindsight.hub.timeline;

import io.hindsight.api.Gap;
import io.hindsight.api.Timeline;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Manifest;
import io.hindsight.time.Durations;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sums stored buckets up to those that were asked for, and adds the gaps that the manifest tells. Used once, by one thread. */
final class TimelineSum {
    /** Buckets of an answer, those of all nodes and of their sum. */
    static final int MAX_ROWS = 50_000;

    /** What people look at unless they say otherwise. */
    static final int USUAL_BUCKETS = 300;

    /** Never added to. */
    private static final BucketCounts NOTHING = new BucketCounts();

    private static final DropCause[] CAUSES = DropCause.values();

    private final Manifest manifest;
    private final TimelineData data;
    private final List<Manifest.Node> nodes;
    private final TimeWindow window;
    private final long bucketNs;
    private final long first;
    private final int count;
    private final List<String> kinds;

    /** Of all nodes so far: by bucket's number, over the whole time, and gaps by bucket. */
    private final Map<Long, BucketCounts> sums = new TreeMap<>();

    private final BucketCounts total = new BucketCounts();
    private final long[] gaps;
    private int rows;

    private TimelineSum(Manifest manifest, TimelineData data, TimelineQuery query) {
        this.manifest = manifest;
        this.data = data;
        this.nodes = chosen(manifest, query.nodes());
        this.window = roundedOut(query.window(), TimeWindow.between(manifest.from(), manifest.to()), data.bucketNs());
        this.bucketNs = bucketNs(query.bucket(), window, data.bucketNs());
        this.first = Math.floorDiv(window.fromNs(), bucketNs);
        this.count = (int) requireFew(TimelineResolution.count(window, bucketNs));
        this.kinds = data.kinds().names();
        this.gaps = new long[count];
    }

    /**
     * The answer.
     *
     * @throws HindsightException UNKNOWN_NODE, INVALID_WINDOW, INVALID_REQUEST naming the field and what is possible
     */
    static Timeline of(Manifest manifest, TimelineData data, TimelineQuery query) {
        return new TimelineSum(manifest, data, query).run();
    }

    private static List<Manifest.Node> chosen(Manifest manifest, List<String> names) {
        List<String> known = manifest.nodes().stream().map(Manifest.Node::node).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw HindsightException.ofField(
                        ErrorCode.UNKNOWN_NODE,
                        "nodes",
                        "The snapshot holds nothing of node=" + name + "; it has " + known + ".");
            }
        }
        return manifest.nodes().stream().filter(node -> names.isEmpty() || names.contains(node.node())).toList();
    }

    /** The part of the window that was asked for, to whole stored buckets: less than one cannot be told apart. */
    private static TimeWindow roundedOut(TimeWindow asked, TimeWindow window, long storedNs) {
        long from = Math.max(asked.fromNs(), window.fromNs());
        long to = Math.min(asked.toNs(), window.toNs());
        if (from >= to) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_WINDOW,
                    asked.toNs() <= window.fromNs() ? "to" : "from",
                    "Nothing of the snapshot's window lies there: it is from="
                            + EpochNanos.format(window.fromNs())
                            + " to="
                            + EpochNanos.format(window.toNs())
                            + ".");
        }
        long fromBucket = Math.floorDiv(from, storedNs) * storedNs;
        long toBucket = (Math.floorDiv(to - 1, storedNs) + 1) * storedNs;
        return new TimeWindow(Math.max(window.fromNs(), fromBucket), Math.min(window.toNs(), toBucket));
    }

    private static long bucketNs(@Nullable Duration asked, TimeWindow window, long storedNs) {
        if (asked == null) {
            return TimelineResolution.usualNs(window, storedNs, USUAL_BUCKETS);
        }
        long askedNs = asked.toNanos();
        if (askedNs % storedNs != 0) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "bucket",
                    "bucket="
                            + Durations.format(asked)
                            + " is no multiple of "
                            + Durations.format(Duration.ofNanos(storedNs))
                            + ", the resolution of this snapshot's timeline. Possible are "
                            + TimelineResolution.possible(storedNs)
                            + ", or another multiple of it.");
        }
        return askedNs;
    }

    private long requireFew(long buckets) {
        if (buckets > MAX_ROWS) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "bucket",
                    "bucket="
                            + Durations.format(Duration.ofNanos(bucketNs))
                            + " makes more than limit="
                            + MAX_ROWS
                            + " buckets over all nodes. Ask for a longer bucket, for fewer nodes or for a part of the window.");
        }
        return buckets;
    }

    private Timeline run() {
        List<Timeline.Node> shown = nodes.stream().map(this::node).toList();
        return new Timeline(
                manifest.id(),
                EpochNanos.toInstant(window.fromNs()),
                EpochNanos.toInstant(window.toNs()),
                Duration.ofNanos(bucketNs).toMillis(),
                Duration.ofNanos(data.bucketNs()).toMillis(),
                bucket(window.fromNs(), total, shown.stream().mapToLong(node -> node.total().gaps()).sum()),
                rows(sums, gaps),
                shown);
    }

    /** A node's part, which is added to that of all. */
    private Timeline.Node node(Manifest.Node node) {
        Map<Long, BucketCounts> counts = sumsOf(node.node());
        BucketCounts nodeTotal = new BucketCounts();
        counts.forEach((number, bucket) -> {
            nodeTotal.add(bucket);
            sums.computeIfAbsent(number, fresh -> new BucketCounts()).add(bucket);
        });
        total.add(nodeTotal);
        long[] nodeGaps = gapsOf(node);
        for (int i = 0; i < count; i++) {
            gaps[i] += nodeGaps[i];
        }
        long gapCount = node.gaps().stream().filter(gap -> touches(gap, shiftNs(node))).count();
        return new Timeline.Node(
                node.node(),
                bucket(window.fromNs(), nodeTotal, gapCount),
                rows(counts, nodeGaps),
                node.windowShiftNs());
    }

    private Map<Long, BucketCounts> sumsOf(String node) {
        Map<Long, BucketCounts> counts = new TreeMap<>();
        NodeBuckets stored = data.nodes().get(node);
        if (stored != null) {
            long from = Math.floorDiv(window.fromNs(), data.bucketNs());
            long to = Math.floorDiv(window.toNs() - 1, data.bucketNs()) + 1;
            long factor = bucketNs / data.bucketNs();
            stored.between(from, to)
                    .forEach((number, bucket) ->
                            counts.computeIfAbsent(Math.floorDiv(number, factor), fresh -> new BucketCounts())
                                    .add(bucket));
        }
        return counts;
    }

    /** For each bucket, how many of the node's gaps touch it. */
    private long[] gapsOf(Manifest.Node node) {
        long[] changes = new long[count + 1];
        long shiftNs = shiftNs(node);
        for (Gap gap : node.gaps()) {
            if (touches(gap, shiftNs)) {
                changes[place(EpochNanos.of(gap.from()) - shiftNs)]++;
                changes[place(lastNs(gap) - shiftNs) + 1]--;
            }
        }
        long[] gaps = new long[count];
        long open = 0;
        for (int i = 0; i < count; i++) {
            open += changes[i];
            gaps[i] = open;
        }
        return gaps;
    }

    private int place(long timeNs) {
        long within = Math.clamp(timeNs, window.fromNs(), window.toNs() - 1);
        return (int) (Math.floorDiv(within, bucketNs) - first);
    }

    /** Gaps are told in the node's own time. */
    private boolean touches(Gap gap, long shiftNs) {
        return window.overlaps(EpochNanos.of(gap.from()) - shiftNs, lastNs(gap) - shiftNs);
    }

    /** One without length has the instant at which it lies. */
    private static long lastNs(Gap gap) {
        return Math.max(EpochNanos.of(gap.from()), EpochNanos.of(gap.to()) - 1);
    }

    private static long shiftNs(Manifest.Node node) {
        return node.windowShiftNs() == null ? 0 : node.windowShiftNs();
    }

    private List<Timeline.Bucket> rows(Map<Long, BucketCounts> counts, long[] gapCounts) {
        List<Timeline.Bucket> shown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BucketCounts there = counts.getOrDefault(first + i, NOTHING);
            if (there != NOTHING || gapCounts[i] > 0) {
                rows++;
                requireFew(rows);
                shown.add(bucket((first + i) * bucketNs, there, gapCounts[i]));
            }
        }
        return shown;
    }

    private Timeline.Bucket bucket(long timeNs, BucketCounts counts, long gaps) {
        Map<String, Long> drops = new LinkedHashMap<>();
        for (DropCause cause : CAUSES) {
            if (counts.drops(cause.position()) > 0) {
                drops.put(cause.label(), counts.drops(cause.position()));
            }
        }
        Map<String, Long> events = new TreeMap<>();
        for (int place = 0; place < counts.kindCount(); place++) {
            events.put(kinds.get(counts.kind(place)), counts.events(place));
        }
        return new Timeline.Bucket(
                EpochNanos.toInstant(timeNs),
                counts.packets(),
                counts.capturedBytes(),
                counts.originalBytes(),
                drops,
                gaps,
                events);
    }
}
