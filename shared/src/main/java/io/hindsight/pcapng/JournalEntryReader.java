package io.hindsight.pcapng;

import static io.hindsight.pcapng.JournalExportBlockDescriptor.BINARY_LENGTH_WIDTH;
import static io.hindsight.pcapng.JournalExportBlockDescriptor.LINE_END;
import static io.hindsight.pcapng.JournalExportBlockDescriptor.MAX_NAME_LENGTH;
import static io.hindsight.pcapng.JournalExportBlockDescriptor.NAME_END_TEXT;
import static io.hindsight.pcapng.LittleEndian.U32;
import static io.hindsight.pcapng.LittleEndian.U64;
import static io.hindsight.pcapng.LittleEndian.U8;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Walks the fields of one Journal Export Block ({@link JournalExportBlockDescriptor}) in place. Trusts nothing but that the block's total
 * length lies inside the segment ({@link BlockCursor} checks that). Every broken byte is an INTEGRITY_VIOLATED with its offset. Only the
 * methods that return a value allocate. Not thread-safe.
 */
public final class JournalEntryReader {
    /** Fields that {@link #fields()} reads at most: an entry with more is refused. */
    public static final int MAX_FIELDS = 1_024;

    private static final long ABSENT = -1;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final int MAX_DECIMAL_LENGTH = 20;

    private final MemorySegment segment;
    private final long end;
    private long next;
    private long nameStart;
    private int nameLength;
    private long valueStart;
    private int valueLength;

    /** Reads the block that starts at the offset. */
    public JournalEntryReader(MemorySegment segment, long block) {
        this.segment = segment;
        this.next = block + JournalExportBlockDescriptor.ENTRY_OFFSET;
        int length = segment.get(U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        this.end = block + length - BlockDescriptor.TRAILER_LENGTH;
        if (length < BlockDescriptor.MIN_LENGTH || end > segment.byteSize()) {
            throw broken(block, "total length=" + Integer.toUnsignedString(length));
        }
    }

    /**
     * When the entry happened: {@link JournalExportBlockDescriptor#TIME_NS}, or where another program wrote it,
     * {@link JournalExportBlockDescriptor#REALTIME_TIMESTAMP}.
     *
     * @return nanoseconds since the epoch
     * @throws HindsightException INTEGRITY_VIOLATED where there is neither
     */
    public static long timestampNs(MemorySegment segment, long block) {
        JournalEntryReader fields = new JournalEntryReader(segment, block);
        long microsStart = ABSENT;
        int microsLength = 0;
        while (fields.next()) {
            if (fields.isNamed(JournalExportBlockDescriptor.TIME_NS)) {
                return fields.decimal();
            }
            if (microsStart == ABSENT && fields.isNamed(JournalExportBlockDescriptor.REALTIME_TIMESTAMP)) {
                microsStart = fields.valueStart;
                microsLength = fields.valueLength;
            }
        }
        if (microsStart == ABSENT) {
            throw broken(block, "it has no time");
        }
        fields.valueStart = microsStart;
        fields.valueLength = microsLength;
        return fields.microsAsNanos();
    }

    private long microsAsNanos() {
        long micros = decimal();
        if (micros < 0 || micros > Long.MAX_VALUE / NANOS_PER_MICRO) {
            throw broken(valueStart, "no time in microseconds that 64 bits of nanoseconds can hold");
        }
        return micros * NANOS_PER_MICRO;
    }

    /**
     * Walks the whole entry.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with the offset, where its bytes are no fields or more than {@value #MAX_FIELDS}
     */
    public static void check(MemorySegment segment, long block) {
        JournalEntryReader fields = new JournalEntryReader(segment, block);
        for (int count = 0; fields.next(); count++) {
            fields.requireBelowLimit(count);
        }
    }

    private void requireBelowLimit(int count) {
        if (count == MAX_FIELDS) {
            throw broken(nameStart, "more than " + MAX_FIELDS + " fields");
        }
    }

    /**
     * Steps to the next field.
     *
     * @return false at the end of the entry
     * @throws HindsightException INTEGRITY_VIOLATED with the offset, where the bytes are no field
     */
    public boolean next() {
        if (atPadding()) {
            return false;
        }
        nameStart = next;
        long nameEnd = nameEnd();
        nameLength = (int) (nameEnd - nameStart);
        if (segment.get(U8, nameEnd) == NAME_END_TEXT) {
            readTextValue(nameEnd + 1);
        } else {
            readBinaryValue(nameEnd + 1);
        }
        return true;
    }

    /** Zeros up to the end, fewer than the alignment. */
    private boolean atPadding() {
        if (end - next >= BlockDescriptor.ALIGNMENT) {
            return false;
        }
        for (long i = next; i < end; i++) {
            if (segment.get(U8, i) != 0) {
                return false;
            }
        }
        return true;
    }

    private long nameEnd() {
        long limit = Math.min(end, nameStart + MAX_NAME_LENGTH + 1);
        for (long i = nameStart; i < limit; i++) {
            byte b = segment.get(U8, i);
            if (b == NAME_END_TEXT || b == LINE_END) {
                limit = i;
                break;
            }
        }
        if (limit == end || limit == nameStart || limit - nameStart > MAX_NAME_LENGTH) {
            throw broken(nameStart, "no field name of 1 to " + MAX_NAME_LENGTH + " bytes");
        }
        return limit;
    }

    private void readTextValue(long start) {
        long i = start;
        while (i < end && segment.get(U8, i) != LINE_END) {
            i++;
        }
        if (i == end) {
            throw broken(start, "the field's text does not end");
        }
        valueStart = start;
        valueLength = (int) (i - start);
        next = i + 1;
    }

    private void readBinaryValue(long start) {
        long room = end - start - BINARY_LENGTH_WIDTH - 1;
        long length = room < 0 ? -1 : segment.get(U64, start);
        if (length < 0 || length > room) {
            throw broken(start, "the field's length does not fit into its block");
        }
        valueStart = start + BINARY_LENGTH_WIDTH;
        valueLength = (int) length;
        next = valueStart + length + 1;
        if (segment.get(U8, next - 1) != LINE_END) {
            throw broken(next - 1, "the field's value does not end with a line feed");
        }
    }

    /** Whether the present field has this name. */
    public boolean isNamed(String name) {
        if (name.length() != nameLength) {
            return false;
        }
        for (int i = 0; i < nameLength; i++) {
            if (segment.get(U8, nameStart + i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The present field's name. */
    public String name() {
        return text(nameStart, nameLength);
    }

    /** The present field's value as UTF-8. */
    public String value() {
        return text(valueStart, valueLength);
    }

    /** The present field's value; a view, no copy. */
    public MemorySegment valueBytes() {
        return segment.asSlice(valueStart, valueLength);
    }

    /** The present field as it stands: name, value, and the line feed that ends it; a view, no copy. */
    public MemorySegment fieldBytes() {
        return segment.asSlice(nameStart, next - nameStart);
    }

    /** All fields of the entry in their order; of a name that comes twice the first. Call it on a fresh reader. */
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int count = 0; next(); count++) {
            requireBelowLimit(count);
            fields.putIfAbsent(name(), value());
        }
        return fields;
    }

    /** The present field's value as a decimal number of 64 bits. */
    private long decimal() {
        boolean negative = valueLength > 0 && segment.get(U8, valueStart) == '-';
        int first = negative ? 1 : 0;
        if (valueLength <= first || valueLength > MAX_DECIMAL_LENGTH) {
            throw broken(valueStart, "not a decimal number");
        }
        // Summed up below zero: the smallest long has no positive counterpart.
        long value = 0;
        for (int i = first; i < valueLength; i++) {
            value = append(value, segment.get(U8, valueStart + i) - '0');
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw broken(valueStart, "a number beyond 64 bits");
        }
        return negative ? value : -value;
    }

    private long append(long value, int digit) {
        long limit = Long.MIN_VALUE / 10;
        boolean overflows = value < limit || (value == limit && -digit < Long.MIN_VALUE % 10);
        if (digit < 0 || digit > 9 || overflows) {
            throw broken(valueStart, "not a decimal number of 64 bits");
        }
        return value * 10 - digit;
    }

    private String text(long start, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(segment, U8, start, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static HindsightException broken(long offset, String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "No journal entry at offset=" + offset + ": " + what + ".");
    }
}
