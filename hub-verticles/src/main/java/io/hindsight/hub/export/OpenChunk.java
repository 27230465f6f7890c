package io.hindsight.hub.export;

import static io.hindsight.pcapng.LittleEndian.U64;

import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.pcapng.Records;
import java.lang.foreign.MemorySegment;

/**
 * A chunk that takes part in the merge, standing at one of its records. {@link #open} reads the chunk once: touches its pages, checks its
 * CRCs and every block, finds its interfaces, and whether its records are in order; an index of 4 bytes a record is kept only where they
 * are not. Owned by the export's thread.
 */
final class OpenChunk {
    private static final int[] AS_THEY_LIE = {};

    private final ChunkEntry entry;
    private final MemorySegment segment;
    private final ExportInterface[] interfaces;

    /** Offsets of records from the chunk's start, by time; empty where they lie in order. */
    private final int[] order;

    private final long end;
    private final long shiftNs;

    private int position = -1;
    private long offset;
    private int length;
    private int type;
    private long timestampNs;

    private OpenChunk(ChunkEntry entry, MemorySegment segment, ExportInterface[] interfaces, int[] order, long body) {
        this.entry = entry;
        this.segment = segment;
        this.interfaces = interfaces;
        this.order = order;
        this.offset = body;
        this.end = entry.offset() + entry.length();
        this.shiftNs = entry.shiftNs();
    }

    /**
     * Opens the chunk before its first record.
     *
     * @throws io.hindsight.error.HindsightException INTEGRITY_VIOLATED naming the offset
     */
    static OpenChunk open(ChunkEntry entry, MemorySegment segment, InterfaceRegistry registry) {
        // From here on every page has been read by Java, where a disk error is an exception; native code would be
        // killed by it.
        segment.asSlice(entry.offset(), entry.length()).load();
        ChunkVerifier.checkBytes(segment, entry.offset());
        long body = ChunkVerifier.bodyOffset(segment, entry.offset());
        ChunkScan scan = new ChunkScan(entry, segment, body);
        ExportInterface[] interfaces = scan.interfaces(registry);
        return new OpenChunk(entry, segment, interfaces, scan.isInOrder() ? AS_THEY_LIE : scan.order(), body);
    }

    /**
     * Steps to the next record.
     *
     * @return false at the end
     */
    boolean advance() {
        return order.length == 0 ? advanceAsTheyLie() : advanceByIndex();
    }

    private boolean advanceAsTheyLie() {
        long block = offset + length;
        while (block < end) {
            long typeAndLength = segment.get(U64, block);
            if (Records.isRecord((int) typeAndLength)) {
                standAt(block, (int) typeAndLength, (int) (typeAndLength >>> Integer.SIZE));
                return true;
            }
            block += typeAndLength >>> Integer.SIZE;
        }
        return false;
    }

    private boolean advanceByIndex() {
        if (++position == order.length) {
            return false;
        }
        long block = entry.offset() + order[position];
        long typeAndLength = segment.get(U64, block);
        standAt(block, (int) typeAndLength, (int) (typeAndLength >>> Integer.SIZE));
        return true;
    }

    private void standAt(long block, int blockType, int blockLength) {
        offset = block;
        type = blockType;
        length = blockLength;
        timestampNs = ChunkScan.timestampNs(segment, block, blockType) + shiftNs;
    }

    /** Whether this one's record comes first. */
    boolean isBefore(OpenChunk other) {
        return timestampNs != other.timestampNs
                ? timestampNs < other.timestampNs
                : entry.compareStable(other.entry) < 0;
    }

    /** Tells the kernel that this process is done with the chunk's pages; they stay in the page cache. */
    void close() {
        segment.asSlice(entry.offset(), entry.length()).unload();
    }

    ChunkEntry entry() {
        return entry;
    }

    MemorySegment segment() {
        return segment;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    int type() {
        return type;
    }

    /** As it is exported. */
    long timestampNs() {
        return timestampNs;
    }

    /** What is added to its records' stored times. */
    long shiftNs() {
        return shiftNs;
    }

    ExportInterface networkInterface(int idInChunk) {
        return interfaces[idInChunk];
    }

    /** Whether every interface of this chunk has the same number in the output. */
    boolean keepsInterfaceIds() {
        for (int i = 0; i < interfaces.length; i++) {
            if (interfaces[i].outputId() != i && interfaces[i].isWritten()) {
                return false;
            }
        }
        return true;
    }
}
