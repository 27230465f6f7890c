package io.hindsight.hub.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file that is only appended to. After a failed sync it stays failed: what the kernel dropped then does not come back. One thread at a time. */
public final class AppendFile implements AutoCloseable {
    /** A disk that takes nothing so often in a row takes nothing at all. */
    private static final int MAX_EMPTY_WRITES = 100;

    private final Path path;
    private final FileChannel channel;

    /** Creates it. */
    public AppendFile(Path path, ChannelOpener opener) {
        this.path = path;
        try {
            this.channel = opener.create(path);
        } catch (IOException e) {
            throw IoFailures.of("create", path, e);
        }
    }

    /** Goes on at the channel's position. */
    public AppendFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** Writes every remaining byte of the buffers, however short the single writes are. */
    public void append(ByteBuffer... buffers) {
        int first = 0;
        int emptyWrites = 0;
        try {
            while (first < buffers.length) {
                long written = channel.write(buffers, first, buffers.length - first);
                emptyWrites = written == 0 ? emptyWrites + 1 : 0;
                first = skipEmpty(buffers, first);
                if (emptyWrites > MAX_EMPTY_WRITES) {
                    throw new IOException("the file takes no more bytes");
                }
            }
        } catch (IOException e) {
            throw IoFailures.of("write to", path, e);
        }
    }

    private static int skipEmpty(ByteBuffer[] buffers, int first) {
        int next = first;
        while (next < buffers.length && !buffers[next].hasRemaining()) {
            next++;
        }
        return next;
    }

    /** {@code fdatasync}. */
    public void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw IoFailures.of("sync", path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw IoFailures.of("close", path, e);
        }
    }
}
