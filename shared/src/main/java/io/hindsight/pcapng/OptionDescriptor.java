package io.hindsight.pcapng;

/**
 * An option (draft-ietf-opsawg-pcapng, section 3.5).
 *
 * <pre>
 * offset  width  field
 *      0      2  code
 *      2      2  length of the value, without padding
 *      4    ...  value, padded to 4
 * </pre>
 */
public final class OptionDescriptor {
    public static final int CODE_OFFSET = 0;
    public static final int LENGTH_OFFSET = CODE_OFFSET + Short.BYTES;
    public static final int VALUE_OFFSET = LENGTH_OFFSET + Short.BYTES;

    /** Ends a list of options; length 0. */
    public static final int END_OF_OPTIONS = 0;

    /** UTF-8 text for people; in any block. */
    public static final int COMMENT = 1;

    /** The longest value. */
    public static final int MAX_VALUE_LENGTH = 0xFFFF;

    private OptionDescriptor() {}

    /** Bytes that an option with a value of this length takes, padding included. */
    public static int encodedLength(int valueLength) {
        return VALUE_OFFSET + BlockDescriptor.align(valueLength);
    }
}
