package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkTrimmer;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.RecordScan;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Makes a pinned chunk ready to be sent: checks its CRC, which also brings its pages into memory, so that no event loop waits for them, and
 * cuts away what lies outside the window. Whole chunks and open prefixes stay where they are; only edges are copied. Stateless; blocks:
 * runs on workers.
 */
final class ChunkPreparer {
    private ChunkPreparer() {}

    /** As {@link #prepare}, between {@link PlannedChunk#beginReading} and its end: that is when the chunk is given back, or now where there is none. */
    static Optional<Chunk> prepareReading(PlannedChunk planned) {
        Optional<Chunk> chunk = Optional.empty();
        try {
            chunk = prepare(planned);
        } finally {
            if (chunk.isEmpty()) {
                planned.endReading();
            }
        }
        return chunk.map(read -> new Chunk(read.header(), List.of(read.parts()), planned::endReading));
    }

    /**
     * The chunk as it will be sent, or empty where it holds no record of the window.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where its bytes are not what was committed
     */
    static Optional<Chunk> prepare(PlannedChunk planned) {
        Ring ring = planned.source().ring();
        MemorySegment memory = ring.slot(planned.slot().index());
        return planned.isOpen()
                ? openPrefix(ring, planned.slot(), planned.window(), memory)
                : sealed(ring, planned.slot(), planned.window(), memory);
    }

    private static Optional<Chunk> sealed(Ring ring, SlotInfo slot, TimeWindow window, MemorySegment memory) {
        ChunkHeader header = ChunkVerifier.checkBytes(memory, 0);
        if (header.sequence() != slot.sequence()) {
            throw violated("the slot holds chunk sequence=" + header.sequence() + ", wanted is " + slot.sequence());
        }
        if (header.recordCount() == 0) {
            return Optional.empty();
        }
        if (window.containsAll(header.firstTimestampNs(), header.lastTimestampNs())) {
            return Optional.of(Chunk.unowned(header, List.of(slice(memory, 0, header.lengthBytes()))));
        }
        long bodyStart = ChunkVerifier.bodyOffset(memory, 0);
        return new ChunkTrimmer(ring.codec(), window).trim(memory, bodyStart, header.lengthBytes(), header);
    }

    /** Of a chunk that was open when it was planned; it may have been sealed since, which changes its SHB but no committed byte. */
    private static Optional<Chunk> openPrefix(Ring ring, SlotInfo slot, TimeWindow window, MemorySegment memory) {
        int bodyStart = ring.codec().sectionHeaderLength();
        int end = slot.committedLength();
        int crc = Crc32c.of(memory.asSlice(bodyStart, end - bodyStart));
        if (crc != slot.committedCrc()) {
            throw violated(
                    "the committed bytes of the open chunk sequence=" + slot.sequence() + " do not match their CRC32C");
        }
        RecordScan all = RecordScan.of(memory, bodyStart, end, TimeWindow.ALL);
        ChunkHeader header = prefixHeader(ring, slot, all, crc);
        if (all.recordCount() == 0) {
            return Optional.empty();
        }
        if (!window.containsAll(all.firstTimestampNs(), all.lastTimestampNs())) {
            return new ChunkTrimmer(ring.codec(), window).trim(memory, bodyStart, end, header);
        }
        ByteBuffer sectionHeader = ByteBuffer.allocate(bodyStart);
        ring.codec().write(MemorySegment.ofBuffer(sectionHeader), 0, header);
        return Optional.of(Chunk.unowned(header, List.of(sectionHeader, slice(memory, bodyStart, end - bodyStart))));
    }

    private static ChunkHeader prefixHeader(Ring ring, SlotInfo slot, RecordScan all, int crc) {
        return new ChunkHeader(
                ring.spec().source(),
                ChunkFlag.OPEN_PREFIX.mask() | (slot.flags() & ChunkFlag.CHECKPOINT.mask()),
                slot.writer(),
                all.recordCount(),
                ring.spec().node().hash(),
                slot.sequence(),
                all.firstTimestampNs(),
                all.lastTimestampNs(),
                slot.drops(),
                crc,
                slot.committedLength());
    }

    private static ByteBuffer slice(MemorySegment memory, long offset, long lengthBytes) {
        return memory.asSlice(offset, lengthBytes).asByteBuffer();
    }

    private static HindsightException violated(String problem) {
        return new HindsightException(ErrorCode.INTEGRITY_VIOLATED, "The chunk cannot be sent: " + problem + ".");
    }
}
