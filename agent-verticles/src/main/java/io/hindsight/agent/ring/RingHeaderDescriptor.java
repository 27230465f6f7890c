package io.hindsight.agent.ring;

/**
 * The first page of a ring file. All fields are little-endian.
 *
 * <pre>
 * offset  width  field
 *      0      4  magic           "HSRG" as bytes 48 53 52 47
 *      4      2  format version  1
 *      6      1  source          {@link io.hindsight.chunk.ChunkSource} code
 *      7      1  reserved        0
 *      8      8  node id hash    {@link io.hindsight.chunk.NodeId#hash()}
 *     16      8  slot size       bytes
 *     24      4  slot count
 *     28      4  reserved        0
 *     32      8  created         ns since the epoch
 *     40      4  header CRC32C   bytes 0 to 40: what decides whether the file may be used as it is
 *    512   3072  run table       128 × 24 bytes: the recorder's last runs, see below; run n stands at n mod 128
 *   4096    ...  slot directory  {@link SlotEntryDescriptor}, 64 bytes a slot
 *    ...    ...  slots           from the next page on
 *
 * run table entry
 *      0      8  run             1, 2, 3 …; 0: never used
 *      8      8  started         ns since the epoch
 *     16      8  last alive      ns since the epoch, written every second and at a clean stop
 * </pre>
 *
 * The run table has no checksum: it is written every second while a crash may strike. It says when nothing recorded, which no chunk can.
 */
final class RingHeaderDescriptor {
    static final int MAGIC = 0x4752_5348;
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    static final int SOURCE_OFFSET = VERSION_OFFSET + Short.BYTES;
    static final int RESERVED_OFFSET = SOURCE_OFFSET + Byte.BYTES;
    static final int NODE_ID_HASH_OFFSET = RESERVED_OFFSET + Byte.BYTES;
    static final int SLOT_SIZE_OFFSET = NODE_ID_HASH_OFFSET + Long.BYTES;
    static final int SLOT_COUNT_OFFSET = SLOT_SIZE_OFFSET + Long.BYTES;
    static final int RESERVED_2_OFFSET = SLOT_COUNT_OFFSET + Integer.BYTES;
    static final int CREATED_OFFSET = RESERVED_2_OFFSET + Integer.BYTES;
    static final int CRC_OFFSET = CREATED_OFFSET + Long.BYTES;

    static final int RUN_TABLE_OFFSET = 512;
    static final int RUN_CAPACITY = 128;
    static final int RUN_NUMBER_OFFSET = 0;
    static final int RUN_STARTED_OFFSET = RUN_NUMBER_OFFSET + Long.BYTES;
    static final int RUN_LAST_ALIVE_OFFSET = RUN_STARTED_OFFSET + Long.BYTES;
    static final int RUN_LENGTH = RUN_LAST_ALIVE_OFFSET + Long.BYTES;

    /** Bytes of the header; the slot directory follows. */
    static final int LENGTH = 4096;

    private RingHeaderDescriptor() {}
}
