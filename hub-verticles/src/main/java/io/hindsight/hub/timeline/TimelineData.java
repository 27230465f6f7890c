package io.hindsight.hub.timeline;

import java.util.Map;

/**
 * A timeline as it is stored.
 *
 * @param bucketNs length of a bucket
 * @param kinds of events
 * @param nodes by name, in the manifest's order
 */
record TimelineData(long bucketNs, EventKinds kinds, Map<String, NodeBuckets> nodes) {
    /** Buckets of all nodes. */
    long bucketCount() {
        return nodes.values().stream().mapToLong(node -> node.buckets().size()).sum();
    }
}
