package io.hindsight.agent.capture.linux;

/**
 * {@code struct tpacket3_hdr} (linux/if_packet.h): before each packet in a block. A {@code struct sockaddr_ll} ({@link
 * LinkLayerAddressDescriptor}) stands at {@link #ADDRESS_OFFSET}. All fields in the machine's byte order.
 *
 * <pre>
 * offset  width  field
 *      0      4  tp_next_offset  from this header to the next one
 *      4      4  tp_sec          unsigned: good until 2106
 *      8      4  tp_nsec
 *     12      4  tp_snaplen      bytes present
 *     16      4  tp_len          bytes on the wire
 *     20      4  tp_status
 *     24      2  tp_mac          from this header to the link-layer header
 *     26      2  tp_net          from this header to the network header
 *     28      4  tp_rxhash
 *     32      4  tp_vlan_tci
 *     36      2  tp_vlan_tpid
 *     38     10  padding
 *     48         sockaddr_ll
 * </pre>
 */
final class TpacketHeaderDescriptor {
    static final int NEXT_OFFSET_OFFSET = 0;
    static final int SECONDS_OFFSET = NEXT_OFFSET_OFFSET + Integer.BYTES;
    static final int NANOS_OFFSET = SECONDS_OFFSET + Integer.BYTES;
    static final int CAPTURED_LENGTH_OFFSET = NANOS_OFFSET + Integer.BYTES;
    static final int ORIGINAL_LENGTH_OFFSET = CAPTURED_LENGTH_OFFSET + Integer.BYTES;
    static final int STATUS_OFFSET = ORIGINAL_LENGTH_OFFSET + Integer.BYTES;
    static final int MAC_OFFSET_OFFSET = STATUS_OFFSET + Integer.BYTES;
    static final int NETWORK_OFFSET_OFFSET = MAC_OFFSET_OFFSET + Short.BYTES;
    static final int HASH_OFFSET = NETWORK_OFFSET_OFFSET + Short.BYTES;
    static final int VLAN_TCI_OFFSET = HASH_OFFSET + Integer.BYTES;
    static final int VLAN_TPID_OFFSET = VLAN_TCI_OFFSET + Integer.BYTES;
    static final int PADDING_OFFSET = VLAN_TPID_OFFSET + Short.BYTES;

    /** {@code TPACKET_ALIGN(sizeof(struct tpacket3_hdr))}. */
    static final int ADDRESS_OFFSET = PADDING_OFFSET + 10;

    /** {@link #STATUS_OFFSET}: a tag was taken out of the packet ({@code TP_STATUS_VLAN_VALID}). */
    static final int STATUS_VLAN_VALID = 1 << 4;

    /** {@link #STATUS_OFFSET}: and its protocol identifier is known ({@code TP_STATUS_VLAN_TPID_VALID}). */
    static final int STATUS_VLAN_TPID_VALID = 1 << 6;

    private TpacketHeaderDescriptor() {}
}
