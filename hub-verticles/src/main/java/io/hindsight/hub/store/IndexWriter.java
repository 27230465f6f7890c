package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Appends index records, some at a time, and keeps the file's digest. One thread at a time. */
final class IndexWriter {
    private static final int BUFFERED_RECORDS = 256;

    private final AppendFile file;
    private final MessageDigest digester = Digest.digester();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFERED_RECORDS * IndexDescriptor.RECORD_LENGTH);
    private long bytes;

    IndexWriter(AppendFile file, NodeId node) {
        this.file = file;
        IndexCodec.putHeader(buffer, node);
    }

    void append(IndexRecord entry) {
        if (buffer.remaining() < IndexDescriptor.RECORD_LENGTH) {
            flush();
        }
        IndexCodec.putRecord(buffer, entry);
    }

    /** Hands what is buffered to the operating system. */
    void flush() {
        buffer.flip();
        bytes += buffer.remaining();
        digester.update(buffer.duplicate());
        file.append(buffer);
        buffer.clear();
    }

    /** The whole file; nothing may be appended afterwards. */
    Manifest.File finish() {
        flush();
        return new Manifest.File(String.valueOf(file.path().getFileName()), bytes, Digest.of(digester).hex());
    }
}
