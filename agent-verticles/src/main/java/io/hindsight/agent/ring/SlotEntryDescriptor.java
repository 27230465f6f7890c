package io.hindsight.agent.ring;

/**
 * One slot's entry in the slot directory: one cache line, little-endian, every field naturally aligned.
 *
 * <pre>
 * offset  width  field
 *      0      8  sequence         of the chunk in the slot; 0: never used
 *      8      4  committed length bytes of the chunk that readers may see, from the slot's start; 0: none
 *     12      4  committed CRC32C of the committed bytes after the SHB
 *     16      8  first timestamp  smallest of its records, ns since the epoch
 *     24      8  last timestamp   greatest of its records
 *     32      4  record count
 *     36      4  state            {@link SlotState} code
 *     40      2  writer
 *     42      2  chunk flags      {@link io.hindsight.chunk.ChunkFlag} masks
 *     44      4  run              number of the recorder's run that filled it
 *     48     16  drops            4 × 4 bytes, unsigned, saturating: since the writer's previous chunk
 *     64
 * </pre>
 *
 * Committed length and CRC are <em>one</em> 64-bit word, stored with release order after everything that it covers: a reader that acquires
 * it sees these bytes, and a crash at any instruction leaves a length whose CRC proves the bytes, stale remains of the slot's previous
 * chunk excluded. Times and counts are stored before the word: a reader may see them wider than the committed bytes, never narrower.
 */
final class SlotEntryDescriptor {
    static final int SEQUENCE_OFFSET = 0;

    /** Length in the lower, CRC in the upper half. */
    static final int COMMITTED_OFFSET = SEQUENCE_OFFSET + Long.BYTES;

    static final int FIRST_TIMESTAMP_OFFSET = COMMITTED_OFFSET + Long.BYTES;
    static final int LAST_TIMESTAMP_OFFSET = FIRST_TIMESTAMP_OFFSET + Long.BYTES;
    static final int RECORD_COUNT_OFFSET = LAST_TIMESTAMP_OFFSET + Long.BYTES;
    static final int STATE_OFFSET = RECORD_COUNT_OFFSET + Integer.BYTES;
    static final int WRITER_OFFSET = STATE_OFFSET + Integer.BYTES;
    static final int FLAGS_OFFSET = WRITER_OFFSET + Short.BYTES;
    static final int RUN_OFFSET = FLAGS_OFFSET + Short.BYTES;
    static final int DROPS_OFFSET = RUN_OFFSET + Integer.BYTES;

    /** Bytes of an entry. */
    static final int LENGTH = 64;

    private SlotEntryDescriptor() {}
}
