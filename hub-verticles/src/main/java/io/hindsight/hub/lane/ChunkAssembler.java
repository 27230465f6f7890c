package io.hindsight.hub.lane;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes chunks of a lane's bytes, in whatever pieces they come. The chunk header frames: its block's type and length are checked as soon as they are
 * there, the rest of it (magic, version, CRC, lengths, node) before anything is allocated or waited for.
 *
 * <p>A chunk's parts are slices of the buffers that the socket was read into, not copies, with two exceptions:
 *
 * <ul>
 *   <li>A piece that is shorter than {@value #MIN_SLICE} bytes, or than half of its buffer, is copied: a buffer stays allocated as a whole as long as a
 *       slice of it is kept, so that slow senders would have the Hub hold many times their bytes. Copies go into blocks of {@value #COPY_BLOCK} bytes, or
 *       what the chunk still lacks; a block is filled, from whatever comes, before slices are kept again. So a chunk holds at most twice its bytes,
 *       and has at most {@code length / MIN_SLICE + 2} parts.
 *   <li>A buffer on the heap is copied: it is what TLS decrypts into, and the writer would copy it again each time it reads it.
 * </ul>
 *
 * <p>One event loop; the memory of a finished chunk is given back on any thread.
 */
final class ChunkAssembler {
    static final int MIN_SLICE = 16 << 10;
    static final int COPY_BLOCK = 64 << 10;

    private final NodeId node;
    private final long nodeIdHash;
    private final long maxLengthBytes;
    private final ByteBufAllocator allocator;

    /** What has come and belongs to no part yet. */
    private final Deque<ByteBuf> arrived = new ArrayDeque<>();

    private long arrivedBytes;

    // The chunk at hand.
    private final byte[] sectionHeader = new byte[ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH];
    private int sectionHeaderLength;
    private @Nullable ChunkHeader header;
    private List<ByteBuf> parts = new ArrayList<>();
    private @Nullable ByteBuf copyBlock;
    private long missingBytes;

    /** Where it starts, from the lane's first byte. */
    private long startOffset;

    /**
     * @param node whose chunks are taken
     * @param maxLengthBytes of a chunk, at most {@link ChunkHeaderCodec#MAX_CHUNK_LENGTH}
     */
    ChunkAssembler(NodeId node, long maxLengthBytes, ByteBufAllocator allocator) {
        this.node = node;
        this.nodeIdHash = node.hash();
        this.maxLengthBytes = Math.min(maxLengthBytes, ChunkHeaderCodec.MAX_CHUNK_LENGTH);
        this.allocator = allocator;
    }

    /** Takes bytes, and the buffer with them. */
    void add(ByteBuf buffer) {
        if (!buffer.isReadable()) {
            buffer.release();
            return;
        }
        arrived.add(buffer);
        arrivedBytes += buffer.readableBytes();
    }

    /** Bytes that were added and belong to no part yet. */
    long arrivedBytes() {
        return arrivedBytes;
    }

    /** Whether a chunk has begun and is not whole. */
    boolean isInChunk() {
        return sectionHeaderLength > 0;
    }

    /** Of the chunk at hand; 0 before its header has come. */
    long lengthBytes() {
        return header == null ? 0 : header.lengthBytes();
    }

    /** Where the chunk at hand starts. */
    long startOffset() {
        return startOffset;
    }

    /**
     * The header of the chunk at hand, null until it has come.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it is none of this node's, naming the offset
     */
    @Nullable ChunkHeader header() {
        if (header == null && hasSectionHeader()) {
            header = readHeader();
            missingBytes = header.lengthBytes() - sectionHeaderLength;
        }
        return header;
    }

    private boolean hasSectionHeader() {
        int prefix = BlockDescriptor.TOTAL_LENGTH_OFFSET + Integer.BYTES;
        if (!fillSectionHeader(prefix)) {
            return false;
        }
        ByteBuffer read = ByteBuffer.wrap(sectionHeader).order(ByteOrder.LITTLE_ENDIAN);
        require(read.getInt(0) == SectionHeaderBlockDescriptor.TYPE, "no Section Header Block starts here");
        int length = read.getInt(BlockDescriptor.TOTAL_LENGTH_OFFSET);
        require(
                length >= prefix && length <= ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH,
                "the Section Header Block's length=" + Integer.toUnsignedString(length) + " is not possible");
        return fillSectionHeader(length);
    }

    private boolean fillSectionHeader(int length) {
        while (sectionHeaderLength < length && !arrived.isEmpty()) {
            ByteBuf first = arrived.element();
            int count = Math.min(length - sectionHeaderLength, first.readableBytes());
            first.readBytes(sectionHeader, sectionHeaderLength, count);
            sectionHeaderLength += count;
            consumed(first, count);
        }
        return sectionHeaderLength >= length;
    }

    private void consumed(ByteBuf first, int count) {
        arrivedBytes -= count;
        if (!first.isReadable()) {
            arrived.remove();
            first.release();
        }
    }

    private ChunkHeader readHeader() {
        ChunkHeader read = parsed();
        require(read.lengthBytes() != ChunkHeader.LENGTH_UNKNOWN, "the chunk has no length: it was never sealed");
        require(
                read.lengthBytes() <= maxLengthBytes,
                "the chunk's length=" + read.lengthBytes() + " is more than limit=" + maxLengthBytes);
        require(read.nodeIdHash() == nodeIdHash, "the chunk is not of node=" + node);
        return read;
    }

    private ChunkHeader parsed() {
        try {
            return ChunkHeaderCodec.read(MemorySegment.ofArray(sectionHeader).asSlice(0, sectionHeaderLength), 0);
        } catch (HindsightException refused) {
            throw new HindsightException(refused.code(), place() + refused.getMessage(), refused);
        }
    }

    private void require(boolean holds, String problem) {
        if (!holds) {
            throw new HindsightException(ErrorCode.INTEGRITY_VIOLATED, place() + problem + ".");
        }
    }

    private String place() {
        return "The lane's bytes are refused: the chunk at offset=" + startOffset + ": ";
    }

    /**
     * The chunk at hand, null until it is whole. Call it once {@link #header} has given a header and there is room for the chunk.
     *
     * @param released runs when the chunk has been given back, on any thread
     */
    @Nullable Chunk chunk(Runnable released) {
        if (header == null) {
            throw new IllegalStateException("A chunk begins with its header.");
        }
        if (parts.isEmpty()) {
            parts.add(allocator.directBuffer(sectionHeaderLength).writeBytes(sectionHeader, 0, sectionHeaderLength));
        }
        while (missingBytes > 0 && !arrived.isEmpty()) {
            take(arrived.element());
        }
        return missingBytes > 0 ? null : finish(header, released);
    }

    private void take(ByteBuf first) {
        int count = (int) Math.min(missingBytes, first.readableBytes());
        if (copyBlock == null && isWorthKeeping(first, count)) {
            parts.add(first.readRetainedSlice(count));
        } else {
            count = copy(first, count);
        }
        missingBytes -= count;
        consumed(first, count);
    }

    private static boolean isWorthKeeping(ByteBuf buffer, int count) {
        return buffer.isDirect()
                && buffer.nioBufferCount() == 1
                && count >= MIN_SLICE
                && count >= buffer.capacity() - count;
    }

    private int copy(ByteBuf first, int most) {
        ByteBuf block = copyBlock;
        if (block == null) {
            int length = (int) Math.min(COPY_BLOCK, missingBytes);
            block = allocator.directBuffer(length, length);
            parts.add(block);
        }
        int count = Math.min(most, block.writableBytes());
        block.writeBytes(first, count);
        copyBlock = block.isWritable() ? block : null;
        return count;
    }

    private Chunk finish(ChunkHeader of, Runnable released) {
        List<ByteBuf> memory = parts;
        startOffset += of.lengthBytes();
        sectionHeaderLength = 0;
        header = null;
        parts = new ArrayList<>();
        List<ByteBuffer> views = memory.stream().map(ByteBuf::nioBuffer).toList();
        return new Chunk(
                of,
                views,
                () -> {
                    memory.forEach(ByteBuf::release);
                    released.run();
                });
    }

    /** Gives back what belongs to no finished chunk. Nothing may be added afterwards. */
    void close() {
        arrived.forEach(ByteBuf::release);
        arrived.clear();
        arrivedBytes = 0;
        parts.forEach(ByteBuf::release);
        parts.clear();
        copyBlock = null;
    }
}
