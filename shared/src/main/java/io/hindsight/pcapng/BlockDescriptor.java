package io.hindsight.pcapng;

/**
 * What every pcapng block has in common (draft-ietf-opsawg-pcapng, section 3.1).
 *
 * <pre>
 * offset      width  field
 *      0          4  block type
 *      4          4  block total length, a multiple of 4, at least 12
 *      8        ...  body, padded to 4
 *      length-4   4  block total length, again
 * </pre>
 *
 * Hindsight writes little-endian only.
 */
public final class BlockDescriptor {
    public static final int TYPE_OFFSET = 0;
    public static final int TOTAL_LENGTH_OFFSET = TYPE_OFFSET + Integer.BYTES;
    public static final int BODY_OFFSET = TOTAL_LENGTH_OFFSET + Integer.BYTES;

    /** Bytes of the second total length, at the end. */
    public static final int TRAILER_LENGTH = Integer.BYTES;

    /** The shortest block there is. */
    public static final int MIN_LENGTH = BODY_OFFSET + TRAILER_LENGTH;

    /** Everything is padded to this many bytes. */
    public static final int ALIGNMENT = 4;

    private BlockDescriptor() {}

    /** The length padded up to a multiple of {@value #ALIGNMENT}. */
    public static int align(int lengthBytes) {
        return (lengthBytes + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
