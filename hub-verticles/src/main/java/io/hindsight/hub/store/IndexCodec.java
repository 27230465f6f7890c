package io.hindsight.hub.store;

import static io.hindsight.hub.store.IndexDescriptor.DIGEST_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.HEADER_CRC_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.HEADER_LENGTH;
import static io.hindsight.hub.store.IndexDescriptor.HEADER_RESERVED_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.MAGIC_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.NODE_ID_HASH_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.RECORD_CRC_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.RECORD_LENGTH;
import static io.hindsight.hub.store.IndexDescriptor.RECORD_LENGTH_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.RECORD_RESERVED_OFFSET;
import static io.hindsight.hub.store.IndexDescriptor.VERSION_OFFSET;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.ByteBuffer;
import java.util.List;

/** Index headers and records to bytes and back. Buffers are used from their position on. Stateless. */
public final class IndexCodec {
    private IndexCodec() {}

    /** Writes the header; the buffer's position moves past it. */
    public static void putHeader(ByteBuffer buffer, NodeId node) {
        ByteBuffer header = view(buffer, HEADER_LENGTH);
        header.putInt(MAGIC_OFFSET, IndexDescriptor.MAGIC);
        header.putShort(VERSION_OFFSET, (short) IndexDescriptor.VERSION);
        header.putShort(RECORD_LENGTH_OFFSET, (short) RECORD_LENGTH);
        header.putLong(NODE_ID_HASH_OFFSET, node.hash());
        header.putInt(HEADER_RESERVED_OFFSET, 0);
        header.putInt(HEADER_CRC_OFFSET, crc(header, HEADER_CRC_OFFSET));
    }

    /**
     * Checks the header; the buffer's position moves past it.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with what is wrong
     */
    public static void checkHeader(ByteBuffer buffer, NodeId node) {
        ByteBuffer header = view(buffer, HEADER_LENGTH);
        require(header.getInt(MAGIC_OFFSET) == IndexDescriptor.MAGIC, "its magic is wrong");
        require(
                header.getInt(HEADER_CRC_OFFSET) == crc(header, HEADER_CRC_OFFSET),
                "its header's CRC32C does not match");
        int version = Short.toUnsignedInt(header.getShort(VERSION_OFFSET));
        require(version == IndexDescriptor.VERSION, "its format version=" + version + " is not known");
        int recordLength = Short.toUnsignedInt(header.getShort(RECORD_LENGTH_OFFSET));
        require(recordLength == RECORD_LENGTH, "its record length=" + recordLength + " is not " + RECORD_LENGTH);
        require(header.getLong(NODE_ID_HASH_OFFSET) == node.hash(), "it belongs to another node than " + node);
    }

    /** Writes a record; the buffer's position moves past it. */
    public static void putRecord(ByteBuffer buffer, IndexRecord entry) {
        ByteBuffer bytes = view(buffer, RECORD_LENGTH);
        bytes.putLong(IndexDescriptor.OFFSET_OFFSET, entry.offset());
        bytes.putLong(IndexDescriptor.LENGTH_OFFSET, entry.lengthBytes());
        bytes.putLong(IndexDescriptor.SEQUENCE_OFFSET, entry.sequence());
        bytes.putLong(IndexDescriptor.FIRST_TIMESTAMP_OFFSET, entry.firstTimestampNs());
        bytes.putLong(IndexDescriptor.LAST_TIMESTAMP_OFFSET, entry.lastTimestampNs());
        bytes.putInt(IndexDescriptor.RECORD_COUNT_OFFSET, entry.recordCount());
        bytes.put(IndexDescriptor.SOURCE_OFFSET, (byte) entry.source().code());
        bytes.put(IndexDescriptor.FLAGS_OFFSET, (byte) entry.flags());
        bytes.putShort(IndexDescriptor.WRITER_OFFSET, (short) entry.writer());
        bytes.put(DIGEST_OFFSET, entry.digest().bytes());
        bytes.putInt(RECORD_RESERVED_OFFSET, 0);
        bytes.putInt(RECORD_CRC_OFFSET, crc(bytes, RECORD_CRC_OFFSET));
    }

    /**
     * Reads and checks a record; the buffer's position moves past it, also when it is broken.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with what is wrong
     */
    public static IndexRecord takeRecord(ByteBuffer buffer) {
        ByteBuffer bytes = view(buffer, RECORD_LENGTH);
        require(bytes.getInt(RECORD_CRC_OFFSET) == crc(bytes, RECORD_CRC_OFFSET), "the record's CRC32C does not match");
        byte[] digest = new byte[Digest.LENGTH];
        bytes.get(DIGEST_OFFSET, digest);
        return new IndexRecord(
                bytes.getLong(IndexDescriptor.OFFSET_OFFSET),
                bytes.getLong(IndexDescriptor.LENGTH_OFFSET),
                bytes.getLong(IndexDescriptor.SEQUENCE_OFFSET),
                bytes.getLong(IndexDescriptor.FIRST_TIMESTAMP_OFFSET),
                bytes.getLong(IndexDescriptor.LAST_TIMESTAMP_OFFSET),
                bytes.getInt(IndexDescriptor.RECORD_COUNT_OFFSET),
                ChunkSource.ofCode(Byte.toUnsignedInt(bytes.get(IndexDescriptor.SOURCE_OFFSET))),
                Byte.toUnsignedInt(bytes.get(IndexDescriptor.FLAGS_OFFSET)),
                Short.toUnsignedInt(bytes.getShort(IndexDescriptor.WRITER_OFFSET)),
                Digest.ofBytes(digest));
    }

    private static ByteBuffer view(ByteBuffer buffer, int length) {
        ByteBuffer view = buffer.slice(buffer.position(), length).order(IndexDescriptor.BYTE_ORDER);
        buffer.position(buffer.position() + length);
        return view;
    }

    private static int crc(ByteBuffer bytes, int length) {
        return Crc32c.of(List.of(bytes.slice(0, length)));
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new HindsightException(ErrorCode.INTEGRITY_VIOLATED, "The index cannot be used: " + problem + ".");
        }
    }
}
