package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.IndexCodec;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.hub.store.RegularFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An index that may be broken, read as a whole: sound records, and what is wrong with the others.
 *
 * @param name of the file
 * @param records in file order; null where one is broken
 * @param problems header, broken records, and what follows the last
 */
record IndexContent(String name, List<@Nullable IndexRecord> records, List<Violation> problems) {
    /** An index of more is not explained: 512 GiB in chunks of 4 MiB. */
    static final int MAX_RECORDS = 131_072;

    static IndexContent read(Path file, NodeId node) throws IOException {
        IndexContent content =
                new IndexContent(String.valueOf(file.getFileName()), new ArrayList<>(), new ArrayList<>());
        try (FileChannel channel = RegularFiles.open(file)) {
            long length = channel.size();
            content.checkHeader(bytes(channel, 0, IndexDescriptor.HEADER_LENGTH), node);
            long offset = IndexDescriptor.HEADER_LENGTH;
            for (int i = 0; i < MAX_RECORDS && offset + IndexDescriptor.RECORD_LENGTH <= length; i++) {
                content.add(bytes(channel, offset, IndexDescriptor.RECORD_LENGTH), offset);
                offset += IndexDescriptor.RECORD_LENGTH;
            }
            content.checkEnd(offset, length);
        }
        return content;
    }

    private static ByteBuffer bytes(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
            // until it is full, or the file's end
        }
        return buffer.flip();
    }

    private void checkHeader(ByteBuffer header, NodeId node) {
        try {
            if (header.limit() == IndexDescriptor.HEADER_LENGTH) {
                IndexCodec.checkHeader(header.duplicate(), node);
            }
        } catch (HindsightException e) {
            Violation violation = Violation.of(Kind.CHANGED, name, "Within the index's header: " + e.getMessage());
            long bit = flippedBit(header, IndexDescriptor.HEADER_CRC_OFFSET);
            problems.add(bit < 0 ? violation.at(0, IndexDescriptor.HEADER_LENGTH) : violation.at(bit / Byte.SIZE, 1));
        }
    }

    private void add(ByteBuffer record, long offset) {
        long number = records.size();
        try {
            records.add(IndexCodec.takeRecord(record.duplicate()));
        } catch (HindsightException e) {
            records.add(null);
            Violation violation = Violation.of(Kind.CHANGED, name, "Within record=" + number + ": " + e.getMessage());
            long bit = flippedBit(record, IndexDescriptor.RECORD_CRC_OFFSET);
            problems.add(
                    bit < 0
                            ? violation.at(number, offset, IndexDescriptor.RECORD_LENGTH)
                            : violation.at(number, offset + bit / Byte.SIZE, 1));
        }
    }

    /** The one flipped bit that explains the CRC after so many bytes, or −1. */
    private static long flippedBit(ByteBuffer bytes, int crcOffset) {
        ByteBuffer ordered = bytes.duplicate().order(IndexDescriptor.BYTE_ORDER);
        int difference = Crc32c.of(List.of(ordered.slice(0, crcOffset))) ^ ordered.getInt(crcOffset);
        return Integer.bitCount(difference) == 1
                ? (long) crcOffset * Byte.SIZE + Integer.numberOfTrailingZeros(difference)
                : SingleBit.find(difference, crcOffset);
    }

    private void checkEnd(long offset, long length) {
        if (length < IndexDescriptor.HEADER_LENGTH) {
            problems.add(
                    Violation.of(Kind.CUT_OFF, name, "The index ends within its header.").at(length, offset - length));
        } else if (offset < length && records.size() < MAX_RECORDS) {
            problems.add(
                    Violation.of(Kind.CUT_OFF, name, "The index ends within a record, or bytes follow its last.")
                            .at(records.size(), offset, length - offset));
        }
    }

    /** Whether there are more records than are explained. */
    boolean isTooLong() {
        return records.size() >= MAX_RECORDS;
    }
}
