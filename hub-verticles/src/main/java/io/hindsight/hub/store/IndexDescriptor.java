package io.hindsight.hub.store;

import java.nio.ByteOrder;

/**
 * The bytes of an index file {@code <node>.index}: a header, then one record for each chunk of {@code <node>.pcapng}, in file order, to the
 * file's end. All fields are little-endian; every bit is under a CRC.
 *
 * <pre>
 * header
 * offset  width  field
 *      0      4  magic            "HSIX" as bytes 48 53 49 58
 *      4      2  format version   1
 *      6      2  record length    88
 *      8      8  node id hash     first 8 bytes of SHA-256 of the node's name in UTF-8, as a little-endian integer
 *     16      4  reserved         0
 *     20      4  header CRC32C    bytes 0 to 19
 *     24
 *
 * record
 * offset  width  field
 *      0      8  offset           where the chunk starts in the data file
 *      8      8  length           of the chunk
 *     16      8  sequence         as in the chunk header, as are the next six
 *     24      8  first timestamp  ns since the epoch (signed)
 *     32      8  last timestamp   ns since the epoch (signed)
 *     40      4  record count
 *     44      1  source
 *     45      1  flags
 *     46      2  writer
 *     48     32  digest           SHA-256 of the chunk's bytes
 *     80      4  reserved         0
 *     84      4  record CRC32C    bytes 0 to 83 of the record
 *     88
 * </pre>
 */
public final class IndexDescriptor {
    /** All fields. */
    public static final ByteOrder BYTE_ORDER = ByteOrder.LITTLE_ENDIAN;

    /** "HSIX", read as a little-endian integer. */
    public static final int MAGIC = 0x5849_5348;

    /** The only version there is. */
    public static final int VERSION = 1;

    public static final int MAGIC_OFFSET = 0;
    public static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    public static final int RECORD_LENGTH_OFFSET = VERSION_OFFSET + Short.BYTES;
    public static final int NODE_ID_HASH_OFFSET = RECORD_LENGTH_OFFSET + Short.BYTES;
    public static final int HEADER_RESERVED_OFFSET = NODE_ID_HASH_OFFSET + Long.BYTES;
    public static final int HEADER_CRC_OFFSET = HEADER_RESERVED_OFFSET + Integer.BYTES;

    /** Bytes of the header. */
    public static final int HEADER_LENGTH = HEADER_CRC_OFFSET + Integer.BYTES;

    public static final int OFFSET_OFFSET = 0;
    public static final int LENGTH_OFFSET = OFFSET_OFFSET + Long.BYTES;
    public static final int SEQUENCE_OFFSET = LENGTH_OFFSET + Long.BYTES;
    public static final int FIRST_TIMESTAMP_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    public static final int LAST_TIMESTAMP_OFFSET = FIRST_TIMESTAMP_OFFSET + Long.BYTES;
    public static final int RECORD_COUNT_OFFSET = LAST_TIMESTAMP_OFFSET + Long.BYTES;
    public static final int SOURCE_OFFSET = RECORD_COUNT_OFFSET + Integer.BYTES;
    public static final int FLAGS_OFFSET = SOURCE_OFFSET + Byte.BYTES;
    public static final int WRITER_OFFSET = FLAGS_OFFSET + Byte.BYTES;
    public static final int DIGEST_OFFSET = WRITER_OFFSET + Short.BYTES;
    public static final int RECORD_RESERVED_OFFSET = DIGEST_OFFSET + Digest.LENGTH;
    public static final int RECORD_CRC_OFFSET = RECORD_RESERVED_OFFSET + Integer.BYTES;

    /** Bytes of a record. */
    public static final int RECORD_LENGTH = RECORD_CRC_OFFSET + Integer.BYTES;

    private IndexDescriptor() {}

    /** Where the record of a chunk, counted from 0, starts in the index file. */
    public static long recordOffset(long chunk) {
        return HEADER_LENGTH + chunk * RECORD_LENGTH;
    }
}
