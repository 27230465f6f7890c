package io.hindsight.chunk;

import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor;
import io.hindsight.pcapng.Records;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies those records of a chunk that lie inside a window into a chunk of its own, with the flag trimmed. Interfaces all stay, so that
 * their numbers do. Statistics of the whole chunk would be wrong for a part of it: in their place one block carries the drops, if there are
 * any. Immutable; any thread.
 */
public final class ChunkTrimmer {
    private final ChunkHeaderCodec codec;
    private final TimeWindow window;

    /**
     * @param codec of the node whose chunks these are
     * @param window what stays
     */
    public ChunkTrimmer(ChunkHeaderCodec codec, TimeWindow window) {
        this.codec = codec;
        this.window = window;
    }

    /**
     * The part of the blocks between {@code bodyStart} and {@code end} that lies in the window, in memory of its own that goes with the chunk's release;
     * empty where no record does. Touches all of it: for workers.
     *
     * @param memory holds the chunk
     * @param bodyStart offset behind its Section Header Block
     * @param end offset behind its last block
     * @param header the chunk's own
     */
    @SuppressWarnings("MustBeClosedChecker") // The chunk's release closes the arena.
    public Optional<Chunk> trim(MemorySegment memory, long bodyStart, long end, ChunkHeader header) {
        RecordScan inside = RecordScan.of(memory, bodyStart, end, window);
        if (inside.recordCount() == 0) {
            return Optional.empty();
        }
        Arena arena = Arena.ofShared();
        try {
            long room = codec.sectionHeaderLength() + (end - bodyStart) + InterfaceBlocks.maxStatisticsLength();
            MemorySegment copy = arena.allocate(room, Long.BYTES);
            return Optional.of(trimInto(copy, memory, bodyStart, end, header, inside, arena));
        } catch (RuntimeException | InternalError e) { // the latter for a page of the ring that cannot be had
            arena.close();
            throw e;
        }
    }

    private Chunk trimInto(
            MemorySegment copy,
            MemorySegment memory,
            long bodyStart,
            long end,
            ChunkHeader header,
            RecordScan inside,
            Arena arena) {
        long position = copyBlocks(memory, bodyStart, end, copy);
        position += writeDrops(copy, position, header, inside);
        long copyStart = codec.sectionHeaderLength();
        ChunkHeader trimmed =
                new ChunkHeader(
                        header.source(),
                        header.flags() | ChunkFlag.TRIMMED.mask(),
                        header.writer(),
                        inside.recordCount(),
                        header.nodeIdHash(),
                        header.sequence(),
                        inside.firstTimestampNs(),
                        inside.lastTimestampNs(),
                        header.drops(),
                        Crc32c.of(copy.asSlice(copyStart, position - copyStart)),
                        position);
        codec.write(copy, 0, trimmed);
        AtomicBoolean released = new AtomicBoolean();
        return new Chunk(
                trimmed,
                List.of(copy.asSlice(0, position).asByteBuffer()),
                () -> {
                    if (released.compareAndSet(false, true)) {
                        arena.close();
                    }
                });
    }

    private long copyBlocks(MemorySegment memory, long bodyStart, long end, MemorySegment copy) {
        long position = codec.sectionHeaderLength();
        BlockCursor blocks = new BlockCursor(memory, bodyStart, end);
        while (blocks.next()) {
            if (belongs(memory, blocks)) {
                MemorySegment.copy(memory, blocks.offset(), copy, position, blocks.length());
                position += blocks.length();
            }
        }
        return position;
    }

    private boolean belongs(MemorySegment memory, BlockCursor blocks) {
        return Records.isRecord(blocks.type())
                ? window.contains(Records.timestampNs(memory, blocks.offset(), blocks.type()))
                : blocks.type() != InterfaceStatisticsBlockDescriptor.TYPE;
    }

    private static int writeDrops(MemorySegment copy, long position, ChunkHeader header, RecordScan inside) {
        long inKernel = header.dropped(DropCause.KERNEL);
        long all = header.drops().stream().mapToLong(Long::longValue).sum();
        boolean hasInterface = header.source() == ChunkSource.PACKETS;
        return all == 0 || !hasInterface
                ? 0
                : InterfaceBlocks.writeStatistics(
                        copy, position, 0, inside.lastTimestampNs(), inside.recordCount(), inKernel, all - inKernel);
    }
}
