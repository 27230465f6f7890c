package io.hindsight.chunk;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
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
     * As {@link #checkBytes}, and walks every block: framing, interface ids, captured lengths, record count.
     *
     * @return the header
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset and what is wrong
     */
    public static ChunkHeader checkRecords(MemorySegment segment, long offset) {
        ChunkHeader header = checkBytes(segment, offset);
        int interfaces = 0;
        int records = 0;
        BlockCursor blocks = new BlockCursor(segment, bodyOffset(segment, offset), offset + header.lengthBytes());
        while (blocks.next()) {
            switch (blocks.type()) {
                case InterfaceDescriptionBlockDescriptor.TYPE -> interfaces++;
                case EnhancedPacketBlockDescriptor.TYPE -> {
                    checkPacket(segment, blocks, interfaces);
                    records++;
                }
                case JournalExportBlockDescriptor.TYPE -> records++;
                default -> {
                    // Statistics and blocks of later versions carry no records.
                }
            }
        }
        if (records != header.recordCount()) {
            throw violated(offset, "the chunk holds " + records + " records, its header says " + header.recordCount());
        }
        return header;
    }

    /** Offset of the first byte after the SHB of the chunk at the offset, whose header was read before. */
    public static long bodyOffset(MemorySegment segment, long offset) {
        return offset + segment.get(LittleEndian.U32, offset + BlockDescriptor.TOTAL_LENGTH_OFFSET);
    }

    private static void checkPacket(MemorySegment segment, BlockCursor blocks, int interfaces) {
        if (!EnhancedPacketBlock.isSound(segment, blocks.offset(), blocks.length())) {
            throw violated(blocks.offset(), "the captured length does not fit into the packet block");
        }
        int interfaceId = EnhancedPacketBlock.interfaceId(segment, blocks.offset());
        if (interfaceId < 0 || interfaceId >= interfaces) {
            throw violated(
                    blocks.offset(),
                    "interface=" + Integer.toUnsignedString(interfaceId) + " of " + interfaces + " described before");
        }
    }

    private static HindsightException violated(long offset, String problem) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "Broken chunk: offset=" + offset + ": " + problem + ".");
    }
}
