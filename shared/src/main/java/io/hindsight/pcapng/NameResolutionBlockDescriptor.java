package io.hindsight.pcapng;

/**
 * Name Resolution Block (draft-ietf-opsawg-pcapng, section 4.5): records of type (2), length (2), value padded to 4, and an end record.
 *
 * <pre>
 * offset  width  field
 *      0      4  type            4
 *      4      4  total length
 *      8    ...  records, then options
 * </pre>
 */
public final class NameResolutionBlockDescriptor {
    public static final int TYPE = 4;
    public static final int RECORDS_OFFSET = BlockDescriptor.BODY_OFFSET;

    public static final int RECORD_END = 0;

    /** 4 bytes of address, then names, each ended by a zero byte. */
    public static final int RECORD_IPV4 = 1;

    /** 16 bytes of address, then names, each ended by a zero byte. */
    public static final int RECORD_IPV6 = 2;

    private NameResolutionBlockDescriptor() {}
}
