package io.hindsight.hub.timeline;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.DropCause;
import io.hindsight.hub.derive.Derivation;
import io.hindsight.hub.store.DerivedContent;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The timeline of one snapshot in the making. A packet costs a look at its block's first words, which the check before has just read, and three additions:
 * its bucket is nearly always that of the packet before. One worker at a time.
 */
final class TimelineDerivation implements Derivation {
    private final TimeWindow window;
    private final long bucketNs;
    private final EventKinds kinds = new EventKinds();
    private final EventKindReader kindReader = new EventKindReader();
    private final Map<String, NodeBuckets> nodes = new LinkedHashMap<>();

    private NodeBuckets current;
    private long shiftNs;
    private long lastNs;

    TimelineDerivation(TimeWindow window, int nodes) {
        this.window = window;
        this.bucketNs = TimelineResolution.bucketNs(window, nodes);
        this.current = new NodeBuckets(window, bucketNs);
    }

    @Override
    public void node(Manifest.Node node) {
        current = new NodeBuckets(window, bucketNs);
        shiftNs = node.windowShiftNs() == null ? 0 : node.windowShiftNs();
        lastNs = window.fromNs();
        nodes.put(node.node(), current);
    }

    @Override
    public void chunk(ChunkHeader header, MemorySegment bytes) {
        boolean hasRecords = header.recordCount() > 0;
        if (hasRecords && !window.overlaps(header.firstTimestampNs() - shiftNs, header.lastTimestampNs() - shiftNs)) {
            // What a source of events tells of the time before, so that the window is understood.
            return;
        }
        addDrops(header, hasRecords ? header.firstTimestampNs() - shiftNs : lastNs);
        BlockCursor blocks = new BlockCursor(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize());
        if (header.source() == ChunkSource.PACKETS) {
            addPackets(blocks, bytes);
        } else {
            addEvents(blocks, bytes, header.source());
        }
        lastNs = hasRecords ? header.lastTimestampNs() - shiftNs : lastNs;
    }

    private void addDrops(ChunkHeader header, long timeNs) {
        for (DropCause cause : DropCause.values()) {
            long lost = header.dropped(cause);
            if (lost > 0) {
                current.nextTo(timeNs).drop(cause.position(), lost);
            }
        }
    }

    private void addPackets(BlockCursor blocks, MemorySegment bytes) {
        while (blocks.next()) {
            if (blocks.type() == EnhancedPacketBlockDescriptor.TYPE) {
                long block = blocks.offset();
                BucketCounts bucket = current.at(EnhancedPacketBlock.timestampNs(bytes, block) - shiftNs);
                if (bucket != null) {
                    bucket.packet(
                            EnhancedPacketBlock.capturedLength(bytes, block),
                            Integer.toUnsignedLong(EnhancedPacketBlock.originalLength(bytes, block)));
                }
            }
        }
    }

    private void addEvents(BlockCursor blocks, MemorySegment bytes, ChunkSource source) {
        while (blocks.next()) {
            if (blocks.type() == JournalExportBlockDescriptor.TYPE) {
                addEvent(bytes, blocks.offset(), source);
            }
        }
    }

    private void addEvent(MemorySegment bytes, long block, ChunkSource source) {
        long timeNs = JournalEntryReader.timestampNs(bytes, block) - shiftNs;
        if (window.contains(timeNs)) {
            kindReader
                    .kind(bytes, block, source)
                    .ifPresent(kind -> current.nextTo(timeNs).event(kinds.number(kind), 1));
        }
    }

    @Override
    public Optional<DerivedContent> finish(List<NodeFiles> files) {
        TimelineData counted = data();
        return Optional.of(out -> TimelineCodec.write(counted, out));
    }

    /** What was counted so far. */
    TimelineData data() {
        return new TimelineData(bucketNs, kinds, nodes);
    }
}
