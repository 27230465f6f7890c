package io.hindsight.chunk;

import static io.hindsight.chunk.ChunkHeaderDescriptor.OFFSET_IN_CHUNK;
import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U32;
import static io.hindsight.pcapng.LittleEndian.U64;
import static io.hindsight.pcapng.LittleEndian.U8;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.OptionCursor;
import io.hindsight.pcapng.OptionDescriptor;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads and writes the Section Header Blocks of one node's chunks: chunk header first ({@link ChunkHeaderDescriptor}), then the program's
 * name and a comment that names the node, because {@code editcap} keeps comments and nothing else of ours. Every SHB of a node has the same
 * length. Immutable and thread-safe.
 */
public final class ChunkHeaderCodec {
    /** Longest SHB that is read: longer ones are not Hindsight's. */
    public static final int MAX_SECTION_HEADER_LENGTH = 4096;

    /** Longest chunk that is read or written. */
    public static final long MAX_CHUNK_LENGTH = 128L << 20;

    private final NodeId node;
    private final String application;
    private final int sectionHeaderLength;

    /**
     * @param node whose chunks they are
     * @param application program and version, for example {@code hindsight 0.1.0}
     */
    public ChunkHeaderCodec(NodeId node, String application) {
        this.node = node;
        this.application = application;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment scratch = arena.allocate(MAX_SECTION_HEADER_LENGTH);
            this.sectionHeaderLength = writeBlock(scratch, 0, SectionHeaderBlockDescriptor.SECTION_LENGTH_UNKNOWN);
        }
    }

    /** Bytes of each SHB that this codec writes. */
    public int sectionHeaderLength() {
        return sectionHeaderLength;
    }

    /**
     * Writes the SHB at the offset; {@link ChunkHeader#lengthBytes()} gives the section length, or
     * {@link ChunkHeader#LENGTH_UNKNOWN}. A length that {@link #read} would refuse is an {@link IllegalArgumentException}.
     */
    public void write(MemorySegment segment, long offset, ChunkHeader header) {
        writeBlock(segment, offset, sectionLength(header.lengthBytes()));
        MemorySegment value = segment.asSlice(offset + OFFSET_IN_CHUNK, ChunkHeaderDescriptor.LENGTH);
        writeValue(value, header);
        value.set(U32, ChunkHeaderDescriptor.HEADER_CRC_OFFSET, headerCrc(segment, offset, sectionHeaderLength));
    }

    private long sectionLength(long lengthBytes) {
        if (lengthBytes == ChunkHeader.LENGTH_UNKNOWN) {
            return SectionHeaderBlockDescriptor.SECTION_LENGTH_UNKNOWN;
        }
        if (lengthBytes < sectionHeaderLength
                || lengthBytes > MAX_CHUNK_LENGTH
                || lengthBytes % BlockDescriptor.ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "lengthBytes="
                            + lengthBytes
                            + ", a multiple of "
                            + BlockDescriptor.ALIGNMENT
                            + " from "
                            + sectionHeaderLength
                            + " to "
                            + MAX_CHUNK_LENGTH);
        }
        return lengthBytes - sectionHeaderLength;
    }

    private int writeBlock(MemorySegment segment, long offset, long sectionLength) {
        return BlockWriter.begin(segment, offset, SectionHeaderBlockDescriptor.TYPE)
                .u32(SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC)
                .u16(SectionHeaderBlockDescriptor.MAJOR_VERSION)
                .u16(SectionHeaderBlockDescriptor.MINOR_VERSION)
                .u64(sectionLength)
                .option(ChunkHeaderDescriptor.OPTION_CODE, new byte[ChunkHeaderDescriptor.LENGTH])
                .option(SectionHeaderBlockDescriptor.OPTION_USER_APPLICATION, application)
                .option(OptionDescriptor.COMMENT, "hindsight node " + node.name())
                .endOfOptions()
                .end();
    }

    private static void writeValue(MemorySegment value, ChunkHeader header) {
        value.set(U32, ChunkHeaderDescriptor.MAGIC_OFFSET, ChunkHeaderDescriptor.MAGIC);
        value.set(U16, ChunkHeaderDescriptor.VERSION_OFFSET, (short) ChunkHeaderDescriptor.VERSION);
        value.set(U8, ChunkHeaderDescriptor.SOURCE_OFFSET, (byte) header.source().code());
        value.set(U8, ChunkHeaderDescriptor.FLAGS_OFFSET, (byte) header.flags());
        value.set(U16, ChunkHeaderDescriptor.WRITER_OFFSET, (short) header.writer());
        value.set(U16, ChunkHeaderDescriptor.RESERVED_OFFSET, (short) 0);
        value.set(U32, ChunkHeaderDescriptor.RECORD_COUNT_OFFSET, header.recordCount());
        value.set(U64, ChunkHeaderDescriptor.NODE_ID_HASH_OFFSET, header.nodeIdHash());
        value.set(U64, ChunkHeaderDescriptor.SEQUENCE_OFFSET, header.sequence());
        value.set(U64, ChunkHeaderDescriptor.FIRST_TIMESTAMP_OFFSET, header.firstTimestampNs());
        value.set(U64, ChunkHeaderDescriptor.LAST_TIMESTAMP_OFFSET, header.lastTimestampNs());
        for (int cause = 0; cause < ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY; cause++) {
            value.set(U64, dropOffset(cause), header.drops().get(cause));
        }
        value.set(U32, ChunkHeaderDescriptor.BODY_CRC_OFFSET, header.bodyCrc());
    }

    /**
     * A codec that writes as whoever wrote the chunk at the offset: the same node and program.
     *
     * @param node whose chunk it is
     * @throws HindsightException INTEGRITY_VIOLATED where its SHB cannot be read
     */
    public static ChunkHeaderCodec ofChunk(MemorySegment segment, long offset, NodeId node) {
        int blockLength = checkBlock(segment, offset);
        OptionCursor options =
                new OptionCursor(
                        segment,
                        offset + SectionHeaderBlockDescriptor.OPTIONS_OFFSET,
                        offset + blockLength - BlockDescriptor.TRAILER_LENGTH);
        while (options.next()) {
            if (options.code() == SectionHeaderBlockDescriptor.OPTION_USER_APPLICATION) {
                return new ChunkHeaderCodec(node, options.text());
            }
        }
        throw new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "The section header at offset=" + offset + " names no program.");
    }

    /**
     * Reads and checks the SHB at the offset: every field in its range, header CRC right. The body is not looked at.
     *
     * @return the header; {@link ChunkHeader#LENGTH_UNKNOWN} as its length where the chunk was still open
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset and what is wrong
     */
    public static ChunkHeader read(MemorySegment segment, long offset) {
        int blockLength = checkBlock(segment, offset);
        MemorySegment value = segment.asSlice(offset + OFFSET_IN_CHUNK, ChunkHeaderDescriptor.LENGTH);
        require(
                value.get(U32, ChunkHeaderDescriptor.MAGIC_OFFSET) == ChunkHeaderDescriptor.MAGIC,
                offset + OFFSET_IN_CHUNK,
                "the chunk header's magic is wrong");
        int version = Short.toUnsignedInt(value.get(U16, ChunkHeaderDescriptor.VERSION_OFFSET));
        require(
                version == ChunkHeaderDescriptor.VERSION,
                offset + OFFSET_IN_CHUNK + ChunkHeaderDescriptor.VERSION_OFFSET,
                "the chunk's format version=" + version + " is not " + ChunkHeaderDescriptor.VERSION);
        require(
                value.get(U32, ChunkHeaderDescriptor.HEADER_CRC_OFFSET) == headerCrc(segment, offset, blockLength),
                offset + OFFSET_IN_CHUNK + ChunkHeaderDescriptor.HEADER_CRC_OFFSET,
                "the header CRC32C does not match");
        return readValue(value, offset + OFFSET_IN_CHUNK, chunkLength(segment, offset, blockLength));
    }

    private static int checkBlock(MemorySegment segment, long offset) {
        long available = segment.byteSize() - offset;
        require(
                available >= OFFSET_IN_CHUNK + ChunkHeaderDescriptor.LENGTH + BlockDescriptor.TRAILER_LENGTH,
                offset,
                "only " + available + " bytes are left for a Section Header Block");
        require(
                segment.get(U32, offset) == SectionHeaderBlockDescriptor.TYPE,
                offset,
                "no Section Header Block starts here");
        require(
                segment.get(U32, offset + SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC_OFFSET)
                        == SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC,
                offset + SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC_OFFSET,
                "the section is not little-endian pcapng");
        int length = segment.get(U32, offset + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        require(
                length >= OFFSET_IN_CHUNK + ChunkHeaderDescriptor.LENGTH + BlockDescriptor.TRAILER_LENGTH
                        && length <= Math.min(available, MAX_SECTION_HEADER_LENGTH)
                        && length % BlockDescriptor.ALIGNMENT == 0,
                offset + BlockDescriptor.TOTAL_LENGTH_OFFSET,
                "the Section Header Block's length=" + Integer.toUnsignedString(length) + " is not possible");
        require(
                segment.get(U32, offset + length - BlockDescriptor.TRAILER_LENGTH) == length,
                offset + length - BlockDescriptor.TRAILER_LENGTH,
                "the Section Header Block does not end with its length=" + length);
        long option = offset + SectionHeaderBlockDescriptor.OPTIONS_OFFSET;
        require(
                Short.toUnsignedInt(segment.get(U16, option)) == ChunkHeaderDescriptor.OPTION_CODE
                        && segment.get(U16, option + OptionDescriptor.LENGTH_OFFSET) == ChunkHeaderDescriptor.LENGTH,
                option,
                "the first option is not a chunk header");
        return length;
    }

    private static long chunkLength(MemorySegment segment, long offset, int blockLength) {
        long sectionLength = segment.get(U64, offset + SectionHeaderBlockDescriptor.SECTION_LENGTH_OFFSET);
        if (sectionLength == SectionHeaderBlockDescriptor.SECTION_LENGTH_UNKNOWN) {
            return ChunkHeader.LENGTH_UNKNOWN;
        }
        require(
                sectionLength >= 0
                        && sectionLength <= MAX_CHUNK_LENGTH - blockLength
                        && sectionLength % BlockDescriptor.ALIGNMENT == 0,
                offset + SectionHeaderBlockDescriptor.SECTION_LENGTH_OFFSET,
                "the section length=" + sectionLength + " is not possible, at most " + MAX_CHUNK_LENGTH);
        return blockLength + sectionLength;
    }

    private static ChunkHeader readValue(MemorySegment value, long offset, long lengthBytes) {
        int recordCount = value.get(U32, ChunkHeaderDescriptor.RECORD_COUNT_OFFSET);
        require(
                recordCount >= 0,
                offset + ChunkHeaderDescriptor.RECORD_COUNT_OFFSET,
                "the record count=" + Integer.toUnsignedString(recordCount) + " is not possible");
        long sequence = value.get(U64, ChunkHeaderDescriptor.SEQUENCE_OFFSET);
        require(
                sequence >= 1,
                offset + ChunkHeaderDescriptor.SEQUENCE_OFFSET,
                "the sequence=" + sequence + " is not at least 1");
        long firstTimestampNs = value.get(U64, ChunkHeaderDescriptor.FIRST_TIMESTAMP_OFFSET);
        long lastTimestampNs = value.get(U64, ChunkHeaderDescriptor.LAST_TIMESTAMP_OFFSET);
        require(
                firstTimestampNs <= lastTimestampNs,
                offset + ChunkHeaderDescriptor.FIRST_TIMESTAMP_OFFSET,
                "the first timestamp=" + firstTimestampNs + " is after the last=" + lastTimestampNs);
        return new ChunkHeader(
                readSource(value, offset),
                Byte.toUnsignedInt(value.get(U8, ChunkHeaderDescriptor.FLAGS_OFFSET)),
                Short.toUnsignedInt(value.get(U16, ChunkHeaderDescriptor.WRITER_OFFSET)),
                recordCount,
                value.get(U64, ChunkHeaderDescriptor.NODE_ID_HASH_OFFSET),
                sequence,
                firstTimestampNs,
                lastTimestampNs,
                readDrops(value, offset),
                value.get(U32, ChunkHeaderDescriptor.BODY_CRC_OFFSET),
                lengthBytes);
    }

    private static ChunkSource readSource(MemorySegment value, long offset) {
        int code = Byte.toUnsignedInt(value.get(U8, ChunkHeaderDescriptor.SOURCE_OFFSET));
        require(
                ChunkSource.isCode(code),
                offset + ChunkHeaderDescriptor.SOURCE_OFFSET,
                "the source=" + code + " is not known");
        return ChunkSource.ofCode(code);
    }

    private static List<Long> readDrops(MemorySegment value, long offset) {
        List<Long> drops = new ArrayList<>(ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY);
        for (int cause = 0; cause < ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY; cause++) {
            long dropped = value.get(U64, dropOffset(cause));
            require(dropped >= 0, offset + dropOffset(cause), "the drops=" + dropped + " are below 0");
            drops.add(dropped);
        }
        return drops;
    }

    private static long dropOffset(int cause) {
        return ChunkHeaderDescriptor.DROPS_OFFSET + (long) cause * Long.BYTES;
    }

    /** Of the SHB's bytes with the CRC's own field as zero. */
    private static int headerCrc(MemorySegment segment, long offset, int blockLength) {
        long field = offset + OFFSET_IN_CHUNK + ChunkHeaderDescriptor.HEADER_CRC_OFFSET;
        long after = field + Integer.BYTES;
        CRC32C crc = new CRC32C();
        crc.update(segment.asSlice(offset, field - offset).asByteBuffer());
        crc.update(new byte[Integer.BYTES]);
        crc.update(segment.asSlice(after, offset + blockLength - after).asByteBuffer());
        return (int) crc.getValue();
    }

    private static void require(boolean holds, long offset, String problem) {
        if (!holds) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED, "Not a chunk: offset=" + offset + ": " + problem + ".");
        }
    }
}
