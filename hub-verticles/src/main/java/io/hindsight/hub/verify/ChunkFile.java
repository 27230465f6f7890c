package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkHeaderDescriptor;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
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
    private static final long SEARCH_LENGTH = 1L << 20;
    private static final long MIN_CHUNK_LENGTH =
            ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.LENGTH + BlockDescriptor.TRAILER_LENGTH;

    /**
     * A part of the file.
     *
     * @param offset where it starts
     * @param length how long it is; more than fits into the buffer where it is no chunk
     * @param isChunk whether its own header, or the index, says that it is one chunk
     * @param claimedLength what its sound header says, also where the file is shorter; −1 without a sound header
     */
    record Extent(long offset, long length, boolean isChunk, long claimedLength) {
        /** Whether a chunk starts here that the file ends within, or that another chunk interrupts. */
        boolean isCutOff() {
            return !isChunk && claimedLength > length;
        }
    }

    private final FileChannel channel;
    private final ReadPace pace;
    private final long size;
    private Arena arena = Arena.ofShared();
    private MemorySegment buffer = arena.allocate(FIRST_BUFFER_LENGTH);

    ChunkFile(FileChannel channel, ReadPace pace) throws IOException {
        this.channel = channel;
        this.pace = pace;
        this.size = channel.size();
    }

    long size() {
        return size;
    }

    /**
     * What starts at the offset, which is below the size: a chunk by its own header, which is under a CRC; else one by the index; else whatever lies
     * before the next sound header.
     */
    Extent extentAt(long offset, @Nullable IndexRecord entry) throws IOException {
        long claimed = claimedLength(offset);
        if (isPossible(offset, claimed)) {
            return new Extent(offset, claimed, true, claimed);
        }
        if (entry != null && entry.offset() == offset && isPossible(offset, entry.lengthBytes())) {
            return new Extent(offset, entry.lengthBytes(), true, claimed);
        }
        return new Extent(offset, nextHeader(offset + 1) - offset, false, claimed);
    }

    /** The part of a broken chunk that lies before another sound header, where no chunk follows at the end that its own header says. */
    Extent withoutNext(Extent extent) throws IOException {
        long end = extent.offset() + extent.length();
        if (!extent.isChunk() || end == size || claimedLength(end) >= 0) {
            return extent;
        }
        long next = nextHeader(extent.offset() + 1);
        return next < end ? new Extent(extent.offset(), next - extent.offset(), false, extent.claimedLength()) : extent;
    }

    private long claimedLength(long offset) throws IOException {
        long prefix = Math.min(size - offset, ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH);
        return claimedLength(read(offset, prefix), 0);
    }

    private static long claimedLength(MemorySegment bytes, long offset) {
        try {
            ChunkHeader header = ChunkHeaderCodec.read(bytes, offset);
            return header.lengthBytes();
        } catch (HindsightException noChunkHere) {
            return -1;
        }
    }

    private boolean isPossible(long offset, long length) {
        return length >= MIN_CHUNK_LENGTH && length <= ChunkHeaderCodec.MAX_CHUNK_LENGTH && length <= size - offset;
    }

    /** Offset of the first sound chunk header from here on; the file's size where there is none. */
    private long nextHeader(long from) throws IOException {
        long position = from;
        while (position < size) {
            long length = Math.min(size - position, SEARCH_LENGTH + ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH);
            long found = nextHeader(read(position, length), Math.min(length, SEARCH_LENGTH));
            if (found >= 0) {
                return position + found;
            }
            position += SEARCH_LENGTH;
        }
        return size;
    }

    private static long nextHeader(MemorySegment bytes, long end) {
        long last = Math.min(end, bytes.byteSize() - MIN_CHUNK_LENGTH + 1);
        for (long offset = 0; offset < last; offset++) {
            if (bytes.get(LittleEndian.U32, offset) == SectionHeaderBlockDescriptor.TYPE
                    && bytes.get(LittleEndian.U32, offset + ChunkHeaderDescriptor.OFFSET_IN_CHUNK)
                            == ChunkHeaderDescriptor.MAGIC
                    && claimedLength(bytes, offset) >= 0) {
                return offset;
            }
        }
        return -1;
    }

    /** The bytes, valid until the next read; at most {@link ChunkHeaderCodec#MAX_CHUNK_LENGTH}. */
    MemorySegment read(long offset, long length) throws IOException {
        grow(length);
        MemorySegment bytes = buffer.asSlice(0, length);
        ByteBuffer target = bytes.asByteBuffer();
        while (target.hasRemaining()) {
            if (channel.read(target, offset + target.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        pace.took(length);
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
