package io.hindsight.pcapng;

/**
 * Enhanced Packet Block (draft-ietf-opsawg-pcapng, section 4.3).
 *
 * <pre>
 * offset  width  field
 *      0      4  type              6
 *      4      4  total length
 *      8      4  interface id      number of the IDB in this section
 *     12      4  timestamp, high   upper 32 bits, in the interface's resolution
 *     16      4  timestamp, low    lower 32 bits
 *     20      4  captured length
 *     24      4  original length   on the wire
 *     28    ...  packet data, padded to 4
 *            12  options, as Hindsight writes them: epb_flags (code 2, length 4, value), end of options
 *             4  total length
 * </pre>
 */
public final class EnhancedPacketBlockDescriptor {
    public static final int TYPE = 6;

    public static final int INTERFACE_ID_OFFSET = BlockDescriptor.BODY_OFFSET;
    public static final int TIMESTAMP_HIGH_OFFSET = INTERFACE_ID_OFFSET + Integer.BYTES;
    public static final int TIMESTAMP_LOW_OFFSET = TIMESTAMP_HIGH_OFFSET + Integer.BYTES;
    public static final int CAPTURED_LENGTH_OFFSET = TIMESTAMP_LOW_OFFSET + Integer.BYTES;
    public static final int ORIGINAL_LENGTH_OFFSET = CAPTURED_LENGTH_OFFSET + Integer.BYTES;
    public static final int DATA_OFFSET = ORIGINAL_LENGTH_OFFSET + Integer.BYTES;

    /** 32 bits: direction in the lowest two. */
    public static final int OPTION_FLAGS = 2;

    /** {@link #OPTION_FLAGS} value: direction not known. */
    public static final int DIRECTION_UNKNOWN = 0;

    /** {@link #OPTION_FLAGS} value. */
    public static final int DIRECTION_INBOUND = 1;

    /** {@link #OPTION_FLAGS} value. */
    public static final int DIRECTION_OUTBOUND = 2;

    /** Bytes of the options that Hindsight writes: flags and the end. */
    public static final int FLAGS_OPTIONS_LENGTH =
            OptionDescriptor.encodedLength(Integer.BYTES) + OptionDescriptor.encodedLength(0);

    private EnhancedPacketBlockDescriptor() {}

    /** Bytes of a block as Hindsight writes it, for a packet of this captured length. */
    public static int encodedLength(int capturedLength) {
        return DATA_OFFSET
                + BlockDescriptor.align(capturedLength)
                + FLAGS_OPTIONS_LENGTH
                + BlockDescriptor.TRAILER_LENGTH;
    }
}
