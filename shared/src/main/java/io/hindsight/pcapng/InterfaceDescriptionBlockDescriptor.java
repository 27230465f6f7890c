package io.hindsight.pcapng;

/**
 * Interface Description Block (draft-ietf-opsawg-pcapng, section 4.2). Its number in the section, from 0, is the interface id of packets.
 *
 * <pre>
 * offset  width  field
 *      0      4  type          1
 *      4      4  total length
 *      8      2  link type     LINKTYPE_ value (tcpdump.org/linktypes.html)
 *     10      2  reserved      0
 *     12      4  snap length   0: no limit
 *     16    ...  options
 * </pre>
 */
public final class InterfaceDescriptionBlockDescriptor {
    public static final int TYPE = 1;

    public static final int LINK_TYPE_OFFSET = BlockDescriptor.BODY_OFFSET;
    public static final int RESERVED_OFFSET = LINK_TYPE_OFFSET + Short.BYTES;
    public static final int SNAP_LENGTH_OFFSET = RESERVED_OFFSET + Short.BYTES;
    public static final int OPTIONS_OFFSET = SNAP_LENGTH_OFFSET + Integer.BYTES;

    /** UTF-8 name as the kernel has it. */
    public static final int OPTION_NAME = 2;

    /** UTF-8 description. */
    public static final int OPTION_DESCRIPTION = 3;

    /** 6 bytes. */
    public static final int OPTION_MAC_ADDRESS = 6;

    /** 1 byte; 9: nanoseconds. */
    public static final int OPTION_TIMESTAMP_RESOLUTION = 9;

    /** First byte 0, then the filter's text. */
    public static final int OPTION_FILTER = 11;

    /** Value of {@link #OPTION_TIMESTAMP_RESOLUTION} for nanoseconds. */
    public static final byte NANOSECOND_RESOLUTION = 9;

    private InterfaceDescriptionBlockDescriptor() {}
}
