package io.hindsight.hub.packet;

/**
 * IP headers (RFC 791, 8200, 4302). All in network byte order.
 *
 * <pre>
 * IPv4   0 version 4 bits, header length in words 4 bits
 *        2 total length 2; 0: longer than 65,535, or not yet cut to segments
 *        6 flags 3 bits, fragment's offset in units of 8 bytes 13 bits
 *        9 protocol 1
 *       12 source 4, 16 destination 4, then options
 * IPv6   0 version 4 bits
 *        4 payload length 2; 0: a jumbogram, or not yet cut to segments
 *        6 next header 1
 *        8 source 16, 24 destination 16
 * extension headers: 0 next header 1, 1 length 1 in units of 8 bytes behind the first 8
 *        fragment: 8 bytes; 2 offset in units of 8 bytes 13 bits, reserved 2 bits, more 1 bit
 *        authentication: length in words, less 2
 * </pre>
 */
final class IpDescriptor {
    static final int V4_TOTAL_LENGTH_OFFSET = 2;
    static final int V4_FRAGMENT_OFFSET = 6;
    static final int V4_PROTOCOL_OFFSET = 9;
    static final int V4_SOURCE_OFFSET = 12;
    static final int V4_DESTINATION_OFFSET = V4_SOURCE_OFFSET + Integer.BYTES;
    static final int V4_MIN_LENGTH = V4_DESTINATION_OFFSET + Integer.BYTES;
    static final int V4_MORE_FRAGMENTS = 0x2000;
    static final int V4_FRAGMENT_MASK = 0x1FFF;

    static final int V6_PAYLOAD_LENGTH_OFFSET = 4;
    static final int V6_NEXT_HEADER_OFFSET = 6;
    static final int V6_SOURCE_OFFSET = 8;
    static final int V6_DESTINATION_OFFSET = V6_SOURCE_OFFSET + 2 * Long.BYTES;
    static final int V6_LENGTH = V6_DESTINATION_OFFSET + 2 * Long.BYTES;

    static final int EXTENSION_LENGTH_OFFSET = 1;
    static final int EXTENSION_UNIT = 8;
    static final int EXTENSION_FRAGMENT_OFFSET = 2;
    static final int EXTENSION_MORE_FRAGMENTS = 1;
    static final int EXTENSION_FRAGMENT_MASK = 0xFFF8;
    static final int AUTHENTICATION_UNIT = 4;
    static final int AUTHENTICATION_UNITS_NOT_COUNTED = 2;

    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int FRAGMENT = 44;
    static final int AUTHENTICATION = 51;
    static final int DESTINATION_OPTIONS = 60;
    static final int MOBILITY = 135;
    static final int HOST_IDENTITY = 139;
    static final int SHIM6 = 140;

    private IpDescriptor() {}
}
