package io.hindsight.pcapng;

/**
 * systemd Journal Export Block (draft-ietf-opsawg-pcapng, section 4.7): one entry of the Journal Export Format
 * (systemd.io/JOURNAL_EXPORT_FORMATS), padded to 4 with zeros.
 *
 * <pre>
 * offset  width  field
 *      0      4  type            9
 *      4      4  total length
 *      8    ...  entry: fields one after the other, then padding
 *
 * field, text form     NAME=value\n          a value of UTF-8 without control characters other than tab
 * field, binary form   NAME\n                every other value
 *                      8 bytes               length of the value, little-endian
 *                      value\n
 * </pre>
 *
 * {@link #REALTIME_TIMESTAMP} is in microseconds, as systemd has it and other tools read it; Hindsight's nanosecond time stands in
 * {@link #TIME_NS}. Hindsight writes these two first, in this order, so that a record's time is found in its first bytes.
 */
public final class JournalExportBlockDescriptor {
    public static final int TYPE = 9;
    public static final int ENTRY_OFFSET = BlockDescriptor.BODY_OFFSET;

    /** Field: microseconds since the epoch, decimal; never negative. */
    public static final String REALTIME_TIMESTAMP = "__REALTIME_TIMESTAMP";

    /** Field: nanoseconds since the epoch, decimal, signed. */
    public static final String TIME_NS = "HINDSIGHT_TIME_NS";

    /** Field: one sentence for people. */
    public static final String MESSAGE = "MESSAGE";

    /** Field: syslog priority, 0 (emergency) to 7 (debug). */
    public static final String PRIORITY = "PRIORITY";

    /** Field: what recorded it. */
    public static final String SYSLOG_IDENTIFIER = "SYSLOG_IDENTIFIER";

    /** Field: the whole record as one JSON object. */
    public static final String JSON = "HINDSIGHT_JSON";

    /** Field: which part of a checkpoint the entry is; entries that are none do not have it. */
    public static final String CHECKPOINT = "HINDSIGHT_CHECKPOINT";

    /** The longest field name; systemd's own bound. */
    public static final int MAX_NAME_LENGTH = 64;

    /** Bytes of the length in a field's binary form. */
    public static final int BINARY_LENGTH_WIDTH = Long.BYTES;

    static final byte NAME_END_TEXT = '=';
    static final byte LINE_END = '\n';

    private JournalExportBlockDescriptor() {}

    /** Whether systemd takes this as a field name: capitals, digits and underscores, no leading digit, 1 to 64 of them. */
    public static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH || isDigit(name.charAt(0))) {
            return false;
        }
        return name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '_' || isDigit(c));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
