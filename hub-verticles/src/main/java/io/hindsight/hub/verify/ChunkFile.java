package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkHeaderDescriptor;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.pcapng.BlockDescriptor;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A data file, read chunk by chunk into one buffer that grows to the longest chunk and no further than
 * {@link ChunkHeaderCodec#MAX_CHUNK_LENGTH}. Not thread-safe, but the buffer may be read by another thread until the next read.
 */
final class ChunkFile implements AutoCloseable {
    private static final long FIRST_BUFFER_LENGTH = 4L << 20;
    private static final long MIN_CHUNK_LENGTH =
            ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.LENGTH + BlockDescriptor.TRAILER_LENGTH;

    private final FileChannel channel;
    private final long size;
    private Arena arena = Arena.ofShared();
    private MemorySegment buffer = arena.allocate(FIRST_BUFFER_LENGTH);

    ChunkFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    long size() {
        return size;
    }

    /** Length of the chunk at the offset: as the index has it, or else as its own header has it; 0 where neither can be right. */
    long chunkLength(long offset, @Nullable IndexRecord entry) throws IOException {
        if (entry != null && entry.offset() == offset && isPossible(offset, entry.lengthBytes())) {
            return entry.lengthBytes();
        }
        try {
            long prefix = Math.min(size - offset, ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH);
            ChunkHeader header = ChunkHeaderCodec.read(read(offset, prefix), 0);
            return isPossible(offset, header.lengthBytes()) ? header.lengthBytes() : 0;
        } catch (HindsightException noChunkHere) {
            return 0;
        }
    }

    private boolean isPossible(long offset, long length) {
        return length >= MIN_CHUNK_LENGTH && length <= ChunkHeaderCodec.MAX_CHUNK_LENGTH && length <= size - offset;
    }

    /** The bytes, valid until the next read. */
    MemorySegment read(long offset, long length) throws IOException {
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
            arena = Arena.ofShared();
            buffer = arena.allocate(Math.min(ChunkHeaderCodec.MAX_CHUNK_LENGTH, Long.highestOneBit(length) * 2));
        }
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }
}
