package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads an index file front to back with a small buffer, whatever its length. Blocks: use it on a worker. Not thread-safe.
 *
 * <pre>{@code
 * try (IndexReader index = IndexReader.open(file, node)) {
 *     while (index.hasNext()) {
 *         IndexRecord chunk = index.next();
 * }}}</pre>
 */
public final class IndexReader implements AutoCloseable {
    private static final int BUFFERED_RECORDS = 512;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFERED_RECORDS * IndexDescriptor.RECORD_LENGTH);
    private final long recordCount;
    private long position;

    private IndexReader(Path file, FileChannel channel, long recordCount) {
        this.file = file;
        this.channel = channel;
        this.recordCount = recordCount;
        buffer.limit(0);
    }

    /**
     * Opens the file and checks its header.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it is not an index of this node
     * @throws IOException where it cannot be read
     */
    public static IndexReader open(Path file, NodeId node) throws IOException {
        FileChannel channel = RegularFiles.open(file);
        try {
            long recordBytes = channel.size() - IndexDescriptor.HEADER_LENGTH;
            if (recordBytes < 0 || recordBytes % IndexDescriptor.RECORD_LENGTH != 0) {
                throw violated(file, channel.size(), "its length is not a header and whole records");
            }
            IndexReader reader = new IndexReader(file, channel, recordBytes / IndexDescriptor.RECORD_LENGTH);
            reader.fill(IndexDescriptor.HEADER_LENGTH);
            IndexCodec.checkHeader(reader.buffer, node);
            return reader;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Records in the file. */
    public long recordCount() {
        return recordCount;
    }

    /** Whether {@link #next()} has another. */
    public boolean hasNext() {
        return position < recordCount;
    }

    /**
     * The next record; also after a broken one.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with number and offset where the record is broken
     */
    public IndexRecord next() throws IOException {
        long record = position++;
        fill(IndexDescriptor.RECORD_LENGTH);
        try {
            return IndexCodec.takeRecord(buffer);
        } catch (HindsightException broken) {
            throw violated(file, IndexDescriptor.recordOffset(record), "record=" + record + ": " + broken.getMessage());
        }
    }

    /** Lets the buffer hold at least this many bytes from its position. */
    private void fill(int neededBytes) throws IOException {
        if (buffer.remaining() >= neededBytes) {
            return;
        }
        buffer.compact();
        while (buffer.position() < neededBytes) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(file.getFileName() + " became shorter while it was read.");
            }
        }
        buffer.flip();
    }

    private static HindsightException violated(Path file, long offset, String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "file=" + file.getFileName() + " offset=" + offset + ": " + what);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
