package io.hindsight.hub.custody;

import io.hindsight.hub.store.IoFailures;
import io.hindsight.hub.store.RegularFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line, in bounded memory whatever the file holds. Blocks. One thread. */
final class LineReader implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long offset;
    private long number;

    /** A line. */
    static final class Line {
        private final byte[] bytes;
        private final long offset;
        private final long number;
        private final boolean ended;

        Line(byte[] bytes, long offset, long number, boolean ended) {
            this.bytes = bytes;
            this.offset = offset;
            this.number = number;
            this.ended = ended;
        }

        /** Without its LF; cut at one byte more than {@link CustodyFormat#MAX_LINE_BYTES}. Not a copy. */
        byte[] bytes() {
            return bytes;
        }

        /** In the file. */
        long offset() {
            return offset;
        }

        /** From 1. */
        long number() {
            return number;
        }

        /** Whether an LF ends it. */
        boolean ended() {
            return ended;
        }

        boolean isTooLong() {
            return bytes.length > CustodyFormat.MAX_LINE_BYTES;
        }
    }

    private LineReader(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static LineReader open(Path file) {
        try {
            return new LineReader(file, RegularFiles.open(file));
        } catch (IOException e) {
            throw IoFailures.of("read", file, e);
        }
    }

    /** The next line; null at the end. */
    @Nullable Line next() {
        bytes.reset();
        long start = offset;
        boolean ended = false;
        while (!ended && fill()) {
            ended = takeUpToLineFeed();
        }
        if (offset == start) {
            return null;
        }
        number++;
        return new Line(bytes.toByteArray(), start, number, ended);
    }

    /** Where the next line begins. */
    long offset() {
        return offset;
    }

    private boolean fill() {
        if (buffer.hasRemaining()) {
            return true;
        }
        try {
            int count = channel.read(buffer.clear());
            buffer.flip();
            return count > 0;
        } catch (IOException e) {
            throw IoFailures.of("read", file, e);
        }
    }

    /** Whether there was one in the buffer. */
    private boolean takeUpToLineFeed() {
        byte[] array = buffer.array();
        int from = buffer.position();
        int at = from;
        while (at < buffer.limit() && array[at] != '\n') {
            at++;
        }
        int kept = Math.min(at - from, CustodyFormat.MAX_LINE_BYTES + 1 - bytes.size());
        bytes.write(array, from, Math.max(0, kept));
        boolean ended = at < buffer.limit();
        buffer.position(ended ? at + 1 : at);
        offset += buffer.position() - from;
        return ended;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw IoFailures.of("close", file, e);
        }
    }
}
