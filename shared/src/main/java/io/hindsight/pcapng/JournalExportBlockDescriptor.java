package io.hindsight.pcapng;

/**
 * systemd Journal Export Block (draft-ietf-opsawg-pcapng, section 4.7): one entry of the Journal Export Format
 * (systemd.io/JOURNAL_EXPORT_FORMATS), padded to 4. {@code __REALTIME_TIMESTAMP} is in microseconds, so Hindsight's nanosecond time
 * stands in the field {@code HINDSIGHT_TIME_NS}.
 *
 * <pre>
 * offset  width  field
 *      0      4  type            9
 *      4      4  total length
 *      8    ...  entry, padded to 4
 * </pre>
 */
public final class JournalExportBlockDescriptor {
    public static final int TYPE = 9;
    public static final int ENTRY_OFFSET = BlockDescriptor.BODY_OFFSET;

    private JournalExportBlockDescriptor() {}
}
