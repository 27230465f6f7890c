package io.hindsight.chunk;

import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.nio.ByteOrder;

/**
 * The bytes of the chunk header: the value of the first option of the chunk's Section Header Block, local-use code
 * {@value #OPTION_CODE}. All fields are little-endian. The SHB's section length frames the chunk.
 *
 * <pre>
 * offset  width  field
 *      0      4  magic            "HSCK" as bytes 48 53 43 4B
 *      4      2  format version   1
 *      6      1  source           1 packets, 2 kubernetes, 3 os            ({@link ChunkSource})
 *      7      1  flags            bit 0 open prefix, 1 trimmed, 2 recovered, 3 checkpoint ({@link ChunkFlag})
 *      8      2  writer           which of the ring's writers filled it
 *     10      2  reserved         0
 *     12      4  record count     EPBs or Journal blocks
 *     16      8  node id hash     first 8 bytes of SHA-256 of the node's name in UTF-8, as a little-endian integer
 *     24      8  sequence         1, 2, 3 … in the order in which the ring handed out its slots
 *     32      8  first timestamp  smallest of its records, ns since the epoch (signed)
 *     40      8  last timestamp   greatest of its records, ns since the epoch (signed)
 *     48     32  drops            4 × 8 bytes: since the writer's previous chunk, by cause ({@link DropCause})
 *     80      4  body CRC32C      every byte after the SHB to the section's end: records and statistics
 *     84      4  header CRC32C    every byte of the SHB, with this field taken as zero: so no bit of a chunk is without a check
 *     88
 * </pre>
 *
 * While a slot is being filled, its header stands there with the flag open prefix, no counts and no checksums, and the SHB's
 * section length is -1 ("not known"): what lies in the ring is valid pcapng at any moment.
 */
public final class ChunkHeaderDescriptor {
    /** pcapng option code (local use: the high bit is set, draft-ietf-opsawg-pcapng section 3.5.1). */
    public static final int OPTION_CODE = 0xC853;

    /** All fields. */
    public static final ByteOrder BYTE_ORDER = ByteOrder.LITTLE_ENDIAN;

    /** "HSCK", read as a little-endian integer. */
    public static final int MAGIC = 0x4B43_5348;

    /** The only version there is. */
    public static final int VERSION = 1;

    /** Number of counters that {@link #DROPS_OFFSET} has room for. */
    public static final int DROP_CAUSE_CAPACITY = 4;

    public static final int MAGIC_OFFSET = 0;
    public static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    public static final int SOURCE_OFFSET = VERSION_OFFSET + Short.BYTES;
    public static final int FLAGS_OFFSET = SOURCE_OFFSET + Byte.BYTES;
    public static final int WRITER_OFFSET = FLAGS_OFFSET + Byte.BYTES;
    public static final int RESERVED_OFFSET = WRITER_OFFSET + Short.BYTES;
    public static final int RECORD_COUNT_OFFSET = RESERVED_OFFSET + Short.BYTES;
    public static final int NODE_ID_HASH_OFFSET = RECORD_COUNT_OFFSET + Integer.BYTES;
    public static final int SEQUENCE_OFFSET = NODE_ID_HASH_OFFSET + Long.BYTES;
    public static final int FIRST_TIMESTAMP_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    public static final int LAST_TIMESTAMP_OFFSET = FIRST_TIMESTAMP_OFFSET + Long.BYTES;
    public static final int DROPS_OFFSET = LAST_TIMESTAMP_OFFSET + Long.BYTES;
    public static final int BODY_CRC_OFFSET = DROPS_OFFSET + DROP_CAUSE_CAPACITY * Long.BYTES;
    public static final int HEADER_CRC_OFFSET = BODY_CRC_OFFSET + Integer.BYTES;

    /** Bytes of the option's value. A multiple of four: no padding. */
    public static final int LENGTH = HEADER_CRC_OFFSET + Integer.BYTES;

    /** Where the value stands in every chunk. */
    public static final int OFFSET_IN_CHUNK = SectionHeaderBlockDescriptor.FIRST_OPTION_VALUE_OFFSET;

    private ChunkHeaderDescriptor() {}
}
