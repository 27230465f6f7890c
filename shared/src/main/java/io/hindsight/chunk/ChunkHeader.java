package io.hindsight.chunk;

import java.util.Collections;
import java.util.List;

/**
 * A chunk's header, decoded. Immutable. Layout and meaning of every field: {@link ChunkHeaderDescriptor}.
 *
 * @param source what the records are
 * @param flags {@link ChunkFlag} masks
 * @param writer 0 to 65,535
 * @param recordCount records, at least 0
 * @param nodeIdHash {@link NodeId#hash()} of the node
 * @param sequence at least 1
 * @param firstTimestampNs smallest time of its records; 0 where there is none
 * @param lastTimestampNs greatest time of its records; 0 where there is none
 * @param drops since the writer's previous chunk, in the order of {@link DropCause}; exactly
 *     {@link ChunkHeaderDescriptor#DROP_CAUSE_CAPACITY} of them
 * @param bodyCrc CRC32C of every byte after the SHB
 * @param lengthBytes whole chunk, SHB included: the SHB's length and its section length; {@link #LENGTH_UNKNOWN} while its writer still
 *     fills it
 */
public record ChunkHeader(
        ChunkSource source,
        int flags,
        int writer,
        int recordCount,
        long nodeIdHash,
        long sequence,
        long firstTimestampNs,
        long lastTimestampNs,
        List<Long> drops,
        int bodyCrc,
        long lengthBytes) {
    /** Length of a chunk that is still being filled. */
    public static final long LENGTH_UNKNOWN = -1;

    /** No drops of any cause. */
    public static final List<Long> NO_DROPS = Collections.nCopies(ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY, 0L);

    public ChunkHeader {
        drops = List.copyOf(drops);
        if (drops.size() != ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY) {
            throw new IllegalArgumentException("drops.size=" + drops.size());
        }
    }

    /** Records lost of this cause since the writer's previous chunk. */
    public long dropped(DropCause cause) {
        return drops.get(cause.position());
    }

    /** Whether the flag is set. */
    public boolean has(ChunkFlag flag) {
        return flag.isSet(flags);
    }
}
