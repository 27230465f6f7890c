package io.hindsight.agent.capture.replay;

import io.hindsight.pcapng.BlockDescriptor;

/**
 * Packet blocks that Hindsight reads, but never writes (draft-ietf-opsawg-pcapng, section 4.4 and appendix A).
 *
 * <pre>
 * offset  width  simple packet block
 *      0      4  type             3
 *      4      4  total length
 *      8      4  original length
 *     12    ...  data, padded to 4; of the section's first interface
 *
 * offset  width  packet block, obsolete: as the enhanced one, but for the interface
 *      0      4  type             2
 *      4      4  total length
 *      8      2  interface id
 *     10      2  drops
 *     12    ...  as the enhanced packet block
 * </pre>
 */
final class LegacyPacketBlocks {
    static final int SIMPLE_TYPE = 3;
    static final int SIMPLE_ORIGINAL_LENGTH_OFFSET = BlockDescriptor.BODY_OFFSET;
    static final int SIMPLE_DATA_OFFSET = SIMPLE_ORIGINAL_LENGTH_OFFSET + Integer.BYTES;

    static final int OBSOLETE_TYPE = 2;
    static final int OBSOLETE_INTERFACE_ID_OFFSET = BlockDescriptor.BODY_OFFSET;

    private LegacyPacketBlocks() {}
}
