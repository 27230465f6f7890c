package io.hindsight.pcapng;

/**
 * Interface Statistics Block (draft-ietf-opsawg-pcapng, section 4.6).
 *
 * <pre>
 * offset  width  field
 *      0      4  type              5
 *      4      4  total length
 *      8      4  interface id
 *     12      4  timestamp, high
 *     16      4  timestamp, low
 *     20    ...  options
 * </pre>
 */
public final class InterfaceStatisticsBlockDescriptor {
    public static final int TYPE = 5;

    public static final int INTERFACE_ID_OFFSET = BlockDescriptor.BODY_OFFSET;
    public static final int TIMESTAMP_HIGH_OFFSET = INTERFACE_ID_OFFSET + Integer.BYTES;
    public static final int TIMESTAMP_LOW_OFFSET = TIMESTAMP_HIGH_OFFSET + Integer.BYTES;
    public static final int OPTIONS_OFFSET = TIMESTAMP_LOW_OFFSET + Integer.BYTES;

    /** A timestamp: when the capture began. */
    public static final int OPTION_START_TIME = 2;

    /** A timestamp: when the capture ended. */
    public static final int OPTION_END_TIME = 3;

    /** 64 bits: packets received. */
    public static final int OPTION_RECEIVED = 4;

    /** 64 bits: dropped by the interface or the kernel's capture ring. */
    public static final int OPTION_INTERFACE_DROPPED = 5;

    /** 64 bits: dropped by the operating system or the capturing program. */
    public static final int OPTION_OS_DROPPED = 7;

    private InterfaceStatisticsBlockDescriptor() {}
}
