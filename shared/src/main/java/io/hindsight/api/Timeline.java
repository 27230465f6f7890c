package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much happened when in a sealed snapshot. Immutable. Buckets begin at multiples of their length since the epoch; those in which nothing happened are
 * left out.
 *
 * @param id the snapshot
 * @param from first instant told of: the snapshot's, or what was asked for, rounded out to the resolution
 * @param to first instant after
 * @param bucketMs length of a bucket, milliseconds
 * @param resolutionMs the shortest length that may be asked for, milliseconds; all others are multiples of it
 * @param total all nodes over the whole time; its {@code time} is {@code from}
 * @param buckets all nodes, oldest first
 * @param nodes each node that was asked for, in the snapshot's order
 */
public record Timeline(
        String id,
        Instant from,
        Instant to,
        long bucketMs,
        long resolutionMs,
        Bucket total,
        List<Bucket> buckets,
        List<Node> nodes) {
    public Timeline {
        buckets = List.copyOf(buckets);
        nodes = List.copyOf(nodes);
    }

    /**
     * One node's part.
     *
     * @param node name
     * @param total over the whole time
     * @param buckets oldest first
     * @param windowShiftNs taken off the node's times, which are those of its own clock, to lay its buckets beside others'; absent: 0
     */
    public record Node(String node, Bucket total, List<Bucket> buckets, @Nullable Long windowShiftNs) {
        public Node {
            buckets = List.copyOf(buckets);
        }
    }

    /**
     * What happened in a stretch of time.
     *
     * @param time its first instant
     * @param packets in the snapshot
     * @param capturedBytes of them
     * @param originalBytes that they had on the wire
     * @param drops records that were lost while recording, by cause; a chunk tells of them, and they count at its first record. Causes without loss are absent
     * @param gaps missing parts of the window that touch it
     * @param events records that are not packets, by kind: {@code os.EXEC}, {@code kubernetes.MODIFIED}, {@code kubernetes.Event.Warning.BackOff}; checkpoints are no
     *     events. Kinds without any are absent
     */
    public record Bucket(
            Instant time,
            long packets,
            long capturedBytes,
            long originalBytes,
            Map<String, Long> drops,
            long gaps,
            Map<String, Long> events) {
        public Bucket {
            drops = Map.copyOf(drops);
            events = Map.copyOf(events);
        }
    }
}
