package io.hindsight.agent.capture.replay;

/**
 * The classic capture file (draft-ietf-opsawg-pcap), in the byte order of whoever wrote it: a file header, then packets.
 *
 * <pre>
 * offset  width  file header
 *      0      4  magic          0xA1B2C3D4: microseconds, 0xA1B23C4D: nanoseconds
 *      4      2  major version  2
 *      6      2  minor version  4
 *      8      8  reserved
 *     16      4  snap length
 *     20      4  link type      LINKTYPE_ value in bits 0 to 25
 *
 * offset  width  packet
 *      0      4  seconds
 *      4      4  microseconds or nanoseconds
 *      8      4  captured length
 *     12      4  original length
 *     16    ...  data, not padded
 * </pre>
 */
final class PcapDescriptor {
    static final int MAGIC_MICROSECONDS = 0xA1B2_C3D4;
    static final int MAGIC_NANOSECONDS = 0xA1B2_3C4D;

    static final int MAGIC_OFFSET = 0;
    static final int LINK_TYPE_OFFSET = 20;
    static final int FILE_HEADER_LENGTH = LINK_TYPE_OFFSET + Integer.BYTES;
    static final int LINK_TYPE_MASK = 0x03FF_FFFF;

    static final int SECONDS_OFFSET = 0;
    static final int FRACTION_OFFSET = SECONDS_OFFSET + Integer.BYTES;
    static final int CAPTURED_LENGTH_OFFSET = FRACTION_OFFSET + Integer.BYTES;
    static final int ORIGINAL_LENGTH_OFFSET = CAPTURED_LENGTH_OFFSET + Integer.BYTES;
    static final int PACKET_HEADER_LENGTH = ORIGINAL_LENGTH_OFFSET + Integer.BYTES;

    private PcapDescriptor() {}
}
