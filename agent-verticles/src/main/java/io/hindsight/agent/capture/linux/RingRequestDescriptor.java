package io.hindsight.agent.capture.linux;

/**
 * {@code struct tpacket_req3} (linux/if_packet.h): the argument of {@code PACKET_RX_RING}.
 *
 * <pre>
 * offset  width  field
 *      0      4  tp_block_size        a multiple of the page size
 *      4      4  tp_block_nr
 *      8      4  tp_frame_size        divides tp_block_size; no meaning beyond that in version 3
 *     12      4  tp_frame_nr          frames in all blocks
 *     16      4  tp_retire_blk_tov    milliseconds after which a block with packets is handed over though not full
 *     20      4  tp_sizeof_priv
 *     24      4  tp_feature_req_word
 * </pre>
 */
final class RingRequestDescriptor {
    static final int BLOCK_SIZE_OFFSET = 0;
    static final int BLOCK_COUNT_OFFSET = BLOCK_SIZE_OFFSET + Integer.BYTES;
    static final int FRAME_SIZE_OFFSET = BLOCK_COUNT_OFFSET + Integer.BYTES;
    static final int FRAME_COUNT_OFFSET = FRAME_SIZE_OFFSET + Integer.BYTES;
    static final int RETIRE_TIMEOUT_OFFSET = FRAME_COUNT_OFFSET + Integer.BYTES;
    static final int PRIVATE_SIZE_OFFSET = RETIRE_TIMEOUT_OFFSET + Integer.BYTES;
    static final int FEATURES_OFFSET = PRIVATE_SIZE_OFFSET + Integer.BYTES;
    static final int LENGTH = FEATURES_OFFSET + Integer.BYTES;

    private RingRequestDescriptor() {}
}
