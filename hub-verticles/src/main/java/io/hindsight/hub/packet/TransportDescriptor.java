package io.hindsight.hub.packet;

/**
 * Transport headers (RFC 9293, 768, 9260, 792, 4443). All in network byte order.
 *
 * <pre>
 * TCP    0 source port 2, 2 destination port 2, 4 sequence 4, 8 acknowledgement 4
 *       12 header length in words 4 bits, 13 flags 1; 20 bytes, then options
 * UDP, SCTP and others: 0 source port 2, 2 destination port 2; UDP has 8 bytes, SCTP 12
 * ICMP   0 type 1, 1 code 1; 4 bytes
 * </pre>
 */
final class TransportDescriptor {
    static final int SOURCE_PORT_OFFSET = 0;
    static final int DESTINATION_PORT_OFFSET = SOURCE_PORT_OFFSET + Short.BYTES;
    static final int PORTS_LENGTH = DESTINATION_PORT_OFFSET + Short.BYTES;

    static final int TCP_SEQUENCE_OFFSET = PORTS_LENGTH;
    static final int TCP_ACKNOWLEDGEMENT_OFFSET = TCP_SEQUENCE_OFFSET + Integer.BYTES;
    static final int TCP_HEADER_LENGTH_OFFSET = TCP_ACKNOWLEDGEMENT_OFFSET + Integer.BYTES;
    static final int TCP_FLAGS_OFFSET = TCP_HEADER_LENGTH_OFFSET + 1;
    static final int TCP_MIN_LENGTH = 20;

    static final int UDP_LENGTH = 8;
    static final int SCTP_LENGTH = 12;

    static final int ICMP_CODE_OFFSET = 1;
    static final int ICMP_LENGTH = 4;

    private TransportDescriptor() {}
}
