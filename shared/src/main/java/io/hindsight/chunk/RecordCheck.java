package io.hindsight.chunk;

import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.pcapng.Records;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.lang.foreign.MemorySegment;

/** One walk over a chunk's body, counting what its header claims. Used once, by one thread. */
public final class RecordCheck {
    private final MemorySegment segment;
    private int interfaces;
    private int records;
    private long firstTimestampNs = Long.MAX_VALUE;
    private long lastTimestampNs = Long.MIN_VALUE;

    /** Of blocks that lie in this memory. */
    public RecordCheck(MemorySegment segment) {
        this.segment = segment;
    }

    void run(long bodyOffset, long end, ChunkHeader header) {
        BlockCursor blocks = new BlockCursor(segment, bodyOffset, end);
        while (blocks.next()) {
            check(blocks, header.source());
        }
        if (records != header.recordCount()) {
            throw ChunkVerifier.violated(
                    bodyOffset, "the chunk holds " + records + " records, its header says " + header.recordCount());
        }
        boolean timesMatch =
                firstTimestampNs == header.firstTimestampNs() && lastTimestampNs == header.lastTimestampNs();
        if (records > 0 && !timesMatch) {
            throw ChunkVerifier.violated(
                    bodyOffset,
                    "the records' times go from "
                            + firstTimestampNs
                            + " to "
                            + lastTimestampNs
                            + ", the header says "
                            + header.firstTimestampNs()
                            + " to "
                            + header.lastTimestampNs());
        }
    }

    /**
     * Checks and counts the block that the cursor has come to; those before it, in order, were checked before.
     *
     * @throws io.hindsight.error.HindsightException INTEGRITY_VIOLATED naming the offset and what is wrong
     */
    public void check(BlockCursor blocks, ChunkSource source) {
        switch (blocks.type()) {
            case SectionHeaderBlockDescriptor.TYPE ->
                    throw ChunkVerifier.violated(blocks.offset(), "another section starts inside the chunk");
            case InterfaceDescriptionBlockDescriptor.TYPE -> checkInterface(blocks);
            case EnhancedPacketBlockDescriptor.TYPE -> {
                requireSource(blocks, source == ChunkSource.PACKETS, source);
                checkPacket(blocks);
                count(blocks);
            }
            case JournalExportBlockDescriptor.TYPE -> {
                requireSource(blocks, source != ChunkSource.PACKETS, source);
                JournalEntryReader.check(segment, blocks.offset());
                count(blocks);
            }
            default -> {
                // Statistics and blocks of later versions carry no records.
            }
        }
    }

    private static void requireSource(BlockCursor blocks, boolean fits, ChunkSource source) {
        if (!fits) {
            throw ChunkVerifier.violated(
                    blocks.offset(), "a record of type=" + blocks.type() + " in a chunk of " + source.label());
        }
    }

    private void checkInterface(BlockCursor blocks) {
        if (!InterfaceDescription.read(segment, blocks.offset()).isNanosecond()) {
            throw ChunkVerifier.violated(blocks.offset(), "the interface's times are not in nanoseconds");
        }
        interfaces++;
    }

    private void checkPacket(BlockCursor blocks) {
        if (!EnhancedPacketBlock.isSound(segment, blocks.offset(), blocks.length())) {
            throw ChunkVerifier.violated(blocks.offset(), "the captured length does not fit into the packet block");
        }
        int interfaceId = EnhancedPacketBlock.interfaceId(segment, blocks.offset());
        if (interfaceId < 0 || interfaceId >= interfaces) {
            throw ChunkVerifier.violated(
                    blocks.offset(),
                    "interface=" + Integer.toUnsignedString(interfaceId) + " of " + interfaces + " described before");
        }
    }

    private void count(BlockCursor blocks) {
        long timestampNs = Records.timestampNs(segment, blocks.offset(), blocks.type());
        firstTimestampNs = Math.min(firstTimestampNs, timestampNs);
        lastTimestampNs = Math.max(lastTimestampNs, timestampNs);
        records++;
    }
}
