package io.hindsight.hub.export;

/**
 * Classic pcap with nanosecond times (draft-ietf-opsawg-pcap), little-endian.
 *
 * <pre>
 * file header                          packet record header
 * offset  width  field                 offset  width  field
 *      0      4  magic 0xA1B23C4D           0      4  seconds since the epoch
 *      4      2  major version 2            4      4  nanoseconds
 *      6      2  minor version 4            8      4  captured length
 *      8      8  reserved                  12      4  original length
 *     16      4  snap length               16    ...  packet data
 *     20      4  link type
 *     24
 * </pre>
 */
final class PcapFileDescriptor {
    static final int MAGIC_NANOSECONDS = 0xA1B2_3C4D;
    static final int MAJOR_VERSION = 2;
    static final int MINOR_VERSION = 4;

    static final int MAGIC_OFFSET = 0;
    static final int MAJOR_VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    static final int MINOR_VERSION_OFFSET = MAJOR_VERSION_OFFSET + Short.BYTES;
    static final int RESERVED_OFFSET = MINOR_VERSION_OFFSET + Short.BYTES;
    static final int SNAP_LENGTH_OFFSET = RESERVED_OFFSET + Long.BYTES;
    static final int LINK_TYPE_OFFSET = SNAP_LENGTH_OFFSET + Integer.BYTES;
    static final int HEADER_LENGTH = LINK_TYPE_OFFSET + Integer.BYTES;

    static final int SECONDS_OFFSET = 0;
    static final int NANOSECONDS_OFFSET = SECONDS_OFFSET + Integer.BYTES;
    static final int CAPTURED_LENGTH_OFFSET = NANOSECONDS_OFFSET + Integer.BYTES;
    static final int ORIGINAL_LENGTH_OFFSET = CAPTURED_LENGTH_OFFSET + Integer.BYTES;
    static final int RECORD_HEADER_LENGTH = ORIGINAL_LENGTH_OFFSET + Integer.BYTES;

    private PcapFileDescriptor() {}
}
