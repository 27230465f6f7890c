package io.hindsight.agent.capture.linux;

/**
 * {@code struct sockaddr_ll} (linux/if_packet.h). Fields in the machine's byte order except {@code sll_protocol}, which is big-endian.
 *
 * <pre>
 * offset  width  field
 *      0      2  sll_family    17: AF_PACKET
 *      2      2  sll_protocol  ETH_P_ value, big-endian
 *      4      4  sll_ifindex   0: every interface
 *      8      2  sll_hatype    ARPHRD_ value
 *     10      1  sll_pkttype   PACKET_ value
 *     11      1  sll_halen
 *     12      8  sll_addr
 * </pre>
 */
final class LinkLayerAddressDescriptor {
    static final int FAMILY_OFFSET = 0;
    static final int PROTOCOL_OFFSET = FAMILY_OFFSET + Short.BYTES;
    static final int INTERFACE_INDEX_OFFSET = PROTOCOL_OFFSET + Short.BYTES;
    static final int HARDWARE_TYPE_OFFSET = INTERFACE_INDEX_OFFSET + Integer.BYTES;
    static final int PACKET_TYPE_OFFSET = HARDWARE_TYPE_OFFSET + Short.BYTES;
    static final int ADDRESS_LENGTH_OFFSET = PACKET_TYPE_OFFSET + Byte.BYTES;
    static final int ADDRESS_OFFSET = ADDRESS_LENGTH_OFFSET + Byte.BYTES;
    static final int LENGTH = ADDRESS_OFFSET + 8;

    /** {@link #PACKET_TYPE_OFFSET}: sent by this machine ({@code PACKET_OUTGOING}). */
    static final int PACKET_TYPE_OUTGOING = 4;

    private LinkLayerAddressDescriptor() {}
}
