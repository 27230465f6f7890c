package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads checked chunks out of a data file by calls, not through a mapping: a disk that fails is then an {@link IOException}. The buffer grows to
 * the longest chunk, and no further than {@link ChunkHeaderCodec#MAX_CHUNK_LENGTH}. Not thread-safe.
 */
public final class ChunkReader implements AutoCloseable {
    private static final long FIRST_BUFFER_LENGTH = 4L << 20;

    private final FileChannel channel;
    private final long size;
    private Arena arena = Arena.ofConfined();
    private MemorySegment buffer = arena.allocate(FIRST_BUFFER_LENGTH);

    /**
     * A chunk.
     *
     * @param header as read
     * @param bytes of the whole chunk; valid until the next is read
     */
    public record Read(ChunkHeader header, MemorySegment bytes) {}

    /** Reads from the channel, which stays the caller's. */
    public ChunkReader(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
    }

    /**
     * The chunk at the offset.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where no whole, unbroken chunk lies there
     */
    public Read read(long offset) throws IOException {
        long left = size - offset;
        MemorySegment prefix = bytes(offset, Math.min(left, ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH));
        long length = ChunkHeaderCodec.read(prefix, 0).lengthBytes();
        if (length <= 0 || length > left || length > ChunkHeaderCodec.MAX_CHUNK_LENGTH) {
            throw violated(offset, "its length=" + length + ", and " + left + " bytes are left");
        }
        MemorySegment chunk = bytes(offset, length);
        return new Read(ChunkVerifier.checkBytes(chunk, 0), chunk);
    }

    static HindsightException violated(long offset, String problem) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "No whole chunk at offset=" + offset + ": " + problem + ".");
    }

    private MemorySegment bytes(long offset, long length) throws IOException {
        grow(length);
        MemorySegment bytes = buffer.asSlice(0, length);
        ByteBuffer target = bytes.asByteBuffer();
        while (target.hasRemaining()) {
            if (channel.read(target, offset + target.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return bytes;
    }

    @SuppressWarnings("MustBeClosedChecker") // close() closes the arena of the moment
    private void grow(long length) {
        if (length > buffer.byteSize()) {
            arena.close();
            arena = Arena.ofConfined();
            buffer = arena.allocate(Math.min(ChunkHeaderCodec.MAX_CHUNK_LENGTH, Long.highestOneBit(length) * 2));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
