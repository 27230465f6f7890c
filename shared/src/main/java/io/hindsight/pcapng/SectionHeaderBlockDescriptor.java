package io.hindsight.pcapng;

/**
 * Section Header Block (draft-ietf-opsawg-pcapng, section 4.1).
 *
 * <pre>
 * offset  width  field
 *      0      4  type               0x0A0D0D0A
 *      4      4  total length
 *      8      4  byte-order magic   0x1A2B3C4D
 *     12      2  major version      1
 *     14      2  minor version      0
 *     16      8  section length     bytes after this block to the section's end; -1: not known
 *     24    ...  options
 * </pre>
 */
public final class SectionHeaderBlockDescriptor {
    public static final int TYPE = 0x0A0D_0D0A;
    public static final int BYTE_ORDER_MAGIC = 0x1A2B_3C4D;
    public static final int MAJOR_VERSION = 1;
    public static final int MINOR_VERSION = 0;
    public static final long SECTION_LENGTH_UNKNOWN = -1L;

    public static final int BYTE_ORDER_MAGIC_OFFSET = BlockDescriptor.BODY_OFFSET;
    public static final int MAJOR_VERSION_OFFSET = BYTE_ORDER_MAGIC_OFFSET + Integer.BYTES;
    public static final int MINOR_VERSION_OFFSET = MAJOR_VERSION_OFFSET + Short.BYTES;
    public static final int SECTION_LENGTH_OFFSET = MINOR_VERSION_OFFSET + Short.BYTES;
    public static final int OPTIONS_OFFSET = SECTION_LENGTH_OFFSET + Long.BYTES;

    /** Where the first option's value stands. */
    public static final int FIRST_OPTION_VALUE_OFFSET = OPTIONS_OFFSET + OptionDescriptor.VALUE_OFFSET;

    /** Option: UTF-8 name of the program that wrote the section. */
    public static final int OPTION_USER_APPLICATION = 4;

    private SectionHeaderBlockDescriptor() {}
}
