package io.hindsight.pcapng;

import static io.hindsight.pcapng.JournalExportBlockDescriptor.LINE_END;
import static io.hindsight.pcapng.JournalExportBlockDescriptor.NAME_END_TEXT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Builds journal entries and writes them as blocks ({@link JournalExportBlockDescriptor}). One writer is used for many entries and keeps
 * its buffer: {@link #begin}, fields, then {@link #blockLength()} to find room and {@link #writeTo}. An entry that grows beyond the
 * writer's bound stays bounded: {@link #isOversize()} says so, and its owner counts the drop. Not thread-safe.
 */
public final class JournalEntryWriter {
    private static final int INITIAL_CAPACITY = 1024;
    private static final int NANOS_PER_MICRO = 1_000;

    private final int maxEntryLength;
    private byte[] entry = new byte[INITIAL_CAPACITY];
    private int length;
    private boolean oversize;

    /** @param maxBlockLength bytes of the longest block that is written, at least 1,024 */
    public JournalEntryWriter(int maxBlockLength) {
        if (maxBlockLength < INITIAL_CAPACITY) {
            throw new IllegalArgumentException("maxBlockLength=" + maxBlockLength + ", at least " + INITIAL_CAPACITY);
        }
        this.maxEntryLength = (maxBlockLength & -BlockDescriptor.ALIGNMENT) - BlockDescriptor.MIN_LENGTH;
    }

    /** Drops what was there and starts an entry of this time (nanoseconds since the epoch). */
    public JournalEntryWriter begin(long timestampNs) {
        length = 0;
        oversize = false;
        long micros = Math.max(0, Math.floorDiv(timestampNs, NANOS_PER_MICRO));
        return field(JournalExportBlockDescriptor.REALTIME_TIMESTAMP, micros)
                .field(JournalExportBlockDescriptor.TIME_NS, timestampNs);
    }

    /** Adds a number, in decimal. */
    public JournalEntryWriter field(String name, long value) {
        return field(name, Long.toString(value));
    }

    /** Adds text; it takes the binary form where it holds control characters, so that no value can start a field of its own. */
    public JournalEntryWriter field(String name, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return isPlain(utf8) ? textField(name, utf8) : field(name, utf8);
    }

    /** Adds bytes in the binary form. */
    public JournalEntryWriter field(String name, byte[] value) {
        int fieldLength = name.length() + 1 + JournalExportBlockDescriptor.BINARY_LENGTH_WIDTH + value.length + 1;
        if (start(name, fieldLength)) {
            put(LINE_END);
            ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).putLong(length, value.length);
            length += JournalExportBlockDescriptor.BINARY_LENGTH_WIDTH;
            put(value);
            put(LINE_END);
        }
        return this;
    }

    private JournalEntryWriter textField(String name, byte[] value) {
        if (start(name, name.length() + 1 + value.length + 1)) {
            put(NAME_END_TEXT);
            put(value);
            put(LINE_END);
        }
        return this;
    }

    /** Whether a field was left out because the entry would have outgrown the writer's bound. Such an entry must not be written. */
    public boolean isOversize() {
        return oversize;
    }

    /** The entry without its block, for {@code journalEntry} of a ring's writer. */
    public byte[] toEntry() {
        requireWhole();
        return Arrays.copyOf(entry, length);
    }

    /** Bytes of the whole block. */
    public int blockLength() {
        return BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(length);
    }

    /**
     * Writes the block at the offset; {@link #blockLength()} bytes must be there.
     *
     * @return bytes written
     */
    public int writeTo(MemorySegment segment, long offset) {
        requireWhole();
        return BlockWriter.begin(segment, offset, JournalExportBlockDescriptor.TYPE).padded(entry, length).end();
    }

    private void requireWhole() {
        if (oversize) {
            throw new IllegalStateException("The entry is longer than " + maxEntryLength + " bytes.");
        }
    }

    private boolean start(String name, int fieldLength) {
        if (!JournalExportBlockDescriptor.isName(name)) {
            throw new IllegalArgumentException("Not a journal field name: \"" + name + "\"");
        }
        if (fieldLength < 0 || fieldLength > maxEntryLength - length) {
            oversize = true;
            return false;
        }
        if (fieldLength > entry.length - length) {
            entry = Arrays.copyOf(entry, Math.min(maxEntryLength, Math.max(length + fieldLength, 2 * entry.length)));
        }
        put(name.getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    private void put(byte value) {
        entry[length++] = value;
    }

    private void put(byte[] value) {
        System.arraycopy(value, 0, entry, length, value.length);
        length += value.length;
    }

    private static boolean isPlain(byte[] utf8) {
        for (byte b : utf8) {
            if (b >= 0 && b < ' ' && b != '\t') {
                return false;
            }
        }
        return true;
    }
}
