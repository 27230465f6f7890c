package io.hindsight.chunk;

/**
 * Why a record was lost before it reached a chunk. Each has a position among the counters of the chunk header, which is never re-used: at most {@link ChunkHeaderDescriptor#DROP_CAUSE_CAPACITY}.
 */
public enum DropCause {
    /** The kernel's capture ring or event buffer was full: {@code tp_drops} of {@code struct tpacket_stats_v3}. */
    KERNEL(0, "kernel"),
    /** No slot of the capture ring could be had, or the ring's storage failed beneath the record. */
    RING(1, "ring"),
    /** The record was larger than a slot can hold. */
    OVERSIZE(2, "oversize"),
    /** A source's rate limit. */
    RATE_LIMIT(3, "rate_limit");

    private final int position;
    private final String label;

    DropCause(int position, String label) {
        this.position = position;
        this.label = label;
    }

    /** Position of its counter in the chunk header, from 0. */
    public int position() {
        return position;
    }

    /** Name in JSON and metrics. */
    public String label() {
        return label;
    }
}
