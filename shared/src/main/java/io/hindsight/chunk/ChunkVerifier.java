package io.hindsight.chunk;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Checks chunks, in two depths. Stateless and thread-safe. */
public final class ChunkVerifier {
    private ChunkVerifier() {}

    /**
     * Reads the chunk at the offset and checks both CRCs: enough to know that these are the bytes that its writer sealed.
     *
     * @return the header
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset and what is wrong
     */
    public static ChunkHeader checkBytes(MemorySegment segment, long offset) {
        ChunkHeader header = ChunkHeaderCodec.read(segment, offset);
        long available = segment.byteSize() - offset;
        if (header.lengthBytes() == ChunkHeader.LENGTH_UNKNOWN || header.lengthBytes() > available) {
            throw violated(
                    offset, "the chunk's length=" + header.lengthBytes() + ", but " + available + " bytes are left");
        }
        long body = bodyOffset(segment, offset);
        int crc = Crc32c.of(segment.asSlice(body, offset + header.lengthBytes() - body));
        if (crc != header.bodyCrc()) {
            throw violated(
                    body,
                    "the body's CRC32C is "
                            + Integer.toHexString(crc)
                            + ", the header says "
                            + Integer.toHexString(header.bodyCrc()));
        }
        return header;
    }

    /**
     * As {@link #checkBytes}, and walks every block: framing, interface ids, captured lengths, times, record count, and that records fit the source.
     *
     * @return the header
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset and what is wrong
     */
    public static ChunkHeader checkRecords(MemorySegment segment, long offset) {
        ChunkHeader header = checkBytes(segment, offset);
        new RecordCheck(segment).run(bodyOffset(segment, offset), offset + header.lengthBytes(), header);
        return header;
    }

    /** Offset of the first byte after the SHB of the chunk at the offset, whose header was read before. */
    public static long bodyOffset(MemorySegment segment, long offset) {
        return offset + segment.get(LittleEndian.U32, offset + BlockDescriptor.TOTAL_LENGTH_OFFSET);
    }

    static HindsightException violated(long offset, String problem) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "Broken chunk: offset=" + offset + ": " + problem + ".");
    }
}
