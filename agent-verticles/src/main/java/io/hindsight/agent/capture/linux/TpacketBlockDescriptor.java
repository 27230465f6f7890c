package io.hindsight.agent.capture.linux;

/**
 * {@code struct tpacket_block_desc} with {@code struct tpacket_hdr_v1} (linux/if_packet.h): the head of each block of a {@code
 * TPACKET_V3} ring. All fields in the machine's byte order; the same on x86-64 and aarch64.
 *
 * <pre>
 * offset  width  field
 *      0      4  version
 *      4      4  offset_to_priv
 *      8      4  block_status         who owns the block: bit 0 set, the reader
 *     12      4  num_pkts
 *     16      4  offset_to_first_pkt  from the block's start
 *     20      4  blk_len
 *     24      8  seq_num
 *     32      8  ts_first_pkt         seconds, nanoseconds
 *     40      8  ts_last_pkt          seconds, nanoseconds
 * </pre>
 */
final class TpacketBlockDescriptor {
    static final int VERSION_OFFSET = 0;
    static final int PRIVATE_OFFSET_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STATUS_OFFSET = PRIVATE_OFFSET_OFFSET + Integer.BYTES;
    static final int PACKET_COUNT_OFFSET = STATUS_OFFSET + Integer.BYTES;
    static final int FIRST_PACKET_OFFSET_OFFSET = PACKET_COUNT_OFFSET + Integer.BYTES;
    static final int LENGTH_OFFSET = FIRST_PACKET_OFFSET_OFFSET + Integer.BYTES;
    static final int SEQUENCE_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    static final int FIRST_SECONDS_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    static final int FIRST_NANOS_OFFSET = FIRST_SECONDS_OFFSET + Integer.BYTES;
    static final int LAST_SECONDS_OFFSET = FIRST_NANOS_OFFSET + Integer.BYTES;
    static final int LAST_NANOS_OFFSET = LAST_SECONDS_OFFSET + Integer.BYTES;
    static final int LENGTH = LAST_NANOS_OFFSET + Integer.BYTES;

    /** {@link #STATUS_OFFSET}: the kernel fills the block. */
    static final int STATUS_KERNEL = 0;

    /** {@link #STATUS_OFFSET}: the block is the reader's. */
    static final int STATUS_USER = 1;

    private TpacketBlockDescriptor() {}
}
