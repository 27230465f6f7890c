package io.hindsight.chunk;

/**
 * Why a record was lost before it reached a chunk. The ordinal is the position of the cause's counter in the chunk header: append
 * only, at most {@link ChunkHeaderDescriptor#DROP_CAUSE_CAPACITY}.
 */
public enum DropCause {
    /** The kernel's capture ring or event buffer was full: {@code tp_drops} of {@code struct tpacket_stats_v3}. */
    KERNEL("kernel"),
    /** No slot of the capture ring could be had. */
    RING("ring"),
    /** The record was larger than a slot can hold. */
    OVERSIZE("oversize"),
    /** A source's rate limit. */
    RATE_LIMIT("rate_limit");

    private final String label;

    DropCause(String label) {
        this.label = label;
    }

    /** Name in JSON and metrics. */
    public String label() {
        return label;
    }
}
