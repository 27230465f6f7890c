package io.hindsight.hub.timeline;

import io.hindsight.time.TimeWindow;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One node's buckets in which something happened. One thread at a time. */
final class NodeBuckets {
    private final TimeWindow window;
    private final long bucketNs;
    private final TreeMap<Long, BucketCounts> buckets = new TreeMap<>();

    /** The bucket of the last time, and the part of the window that is its: records come nearly in order. */
    private @Nullable BucketCounts current;

    private long currentFromNs;
    private long currentToNs;

    NodeBuckets(TimeWindow window, long bucketNs) {
        this.window = window;
        this.bucketNs = bucketNs;
    }

    /** The bucket of this time; null where it lies outside of the window. */
    @Nullable BucketCounts at(long timeNs) {
        return timeNs >= currentFromNs && timeNs < currentToNs ? current : moveTo(timeNs);
    }

    private @Nullable BucketCounts moveTo(long timeNs) {
        if (!window.contains(timeNs)) {
            return null;
        }
        long index = Math.floorDiv(timeNs, bucketNs);
        current = buckets.computeIfAbsent(index, fresh -> new BucketCounts());
        currentFromNs = Math.max(window.fromNs(), index * bucketNs);
        currentToNs = Math.min(window.toNs(), (index + 1) * bucketNs);
        return current;
    }

    /** The bucket of the time in the window that is next to this one. */
    BucketCounts nextTo(long timeNs) {
        BucketCounts found = at(Math.clamp(timeNs, window.fromNs(), window.toNs() - 1));
        if (found == null) {
            throw new IllegalStateException("A time within the window has a bucket.");
        }
        return found;
    }

    /** Puts a bucket in. */
    void put(long index, BucketCounts counts) {
        buckets.put(index, counts);
    }

    /** By number since the epoch, in order. */
    Map<Long, BucketCounts> buckets() {
        return buckets;
    }

    /** Those of numbers from the first on and before the second. */
    Map<Long, BucketCounts> between(long from, long to) {
        return buckets.subMap(from, to);
    }
}
