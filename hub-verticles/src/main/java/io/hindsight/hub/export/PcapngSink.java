package io.hindsight.hub.export;

import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes pcapng: blocks as they are stored, with the interface's number in this section. Neighbouring records of a chunk are held back as
 * a run and copied at once; then their interface numbers and times are patched in the copy, where they differ at all. A journal entry has its time
 * as text: where that differs, the entry is written anew. So is a packet that gets a comment.
 */
final class PcapngSink implements RecordSink {
    private static final int PATCHED_LENGTH = EnhancedPacketBlockDescriptor.TIMESTAMP_LOW_OFFSET + Integer.BYTES;

    private final ExportOutput output;
    private final SectionBlocks blocks;
    private final InterfaceRegistry registry;
    private final List<ExportPlan.NodeInterface> known;
    private final Optional<FlowComments> comments;
    private final Supplier<List<String>> notes;
    private int interfacesWritten;
    private long lastTimestampNs;

    private @Nullable OpenChunk runChunk;
    private long runOffset;
    private long runLength;

    /**
     * @param known interfaces that are described before the first packet; others are when their first packet comes
     * @param comments on flows
     * @param notes what is to be told at the end of records that were left out
     */
    PcapngSink(
            ExportOutput output,
            SectionBlocks blocks,
            InterfaceRegistry registry,
            List<ExportPlan.NodeInterface> known,
            Optional<FlowComments> comments,
            Supplier<List<String>> notes) {
        this.output = output;
        this.blocks = blocks;
        this.registry = registry;
        this.known = known;
        this.comments = comments;
        this.notes = notes;
    }

    @Override
    public void begin() {
        output.append(blocks.sectionHeader());
        for (ExportPlan.NodeInterface each : known) {
            describe(registry.of(each.file(), each.description()));
        }
        blocks.names().forEach(output::append);
    }

    @Override
    public boolean record(OpenChunk chunk) {
        lastTimestampNs = chunk.timestampNs();
        if (chunk.type() == EnhancedPacketBlockDescriptor.TYPE) {
            describe(chunk.networkInterface(EnhancedPacketBlock.interfaceId(chunk.segment(), chunk.offset())));
            if (comments.isPresent() && commented(comments.get(), chunk)) {
                return true;
            }
        } else if (chunk.shiftNs() != 0) {
            flush();
            output.append(JournalShift.of(chunk));
            return true;
        }
        boolean extendsRun =
                chunk == runChunk
                        && chunk.offset() == runOffset + runLength
                        && runLength + chunk.length() <= output.remaining();
        if (extendsRun) {
            runLength += chunk.length();
        } else {
            flush();
            runChunk = chunk;
            runOffset = chunk.offset();
            runLength = chunk.length();
        }
        return true;
    }

    @Override
    public boolean capture(CaptureNote note) {
        flush();
        lastTimestampNs = note.timeNs();
        output.append(note.block());
        return true;
    }

    /** Whether there was something to say on the packet, and it is written. */
    private boolean commented(FlowComments flows, OpenChunk chunk) {
        String comment = flows.of(chunk);
        byte[] block = comment == null ? null : CommentedPacket.of(chunk, comment).orElse(null);
        if (block == null) {
            return false;
        }
        flush();
        patch(MemorySegment.ofArray(block), 0, block.length, chunk);
        output.append(block);
        return true;
    }

    private void describe(ExportInterface networkInterface) {
        if (!networkInterface.isWritten()) {
            flush();
            output.append(blocks.interfaceDescription(networkInterface));
            networkInterface.written(interfacesWritten++);
        }
    }

    @Override
    public boolean isFull() {
        return output.remaining() - runLength < MIN_ROOM;
    }

    @Override
    public void flush() {
        OpenChunk chunk = runChunk;
        if (chunk == null) {
            return;
        }
        runChunk = null;
        if (runLength > output.remaining()) {
            appendAcrossBuffers(chunk);
        } else {
            long start = output.append(chunk.segment(), runOffset, runLength);
            patch(output.target(), start, start + runLength, chunk);
        }
        runLength = 0;
    }

    private static void patch(MemorySegment copy, long start, long end, OpenChunk chunk) {
        if (!chunk.keepsInterfaceIds()) {
            for (long block = start; block < end; block += totalLength(copy, block)) {
                patchInterfaceId(copy, block, chunk);
            }
        }
        if (chunk.shiftNs() != 0) {
            for (long block = start; block < end; block += totalLength(copy, block)) {
                EnhancedPacketBlock.shiftTimestamp(copy, block, chunk.shiftNs());
            }
        }
    }

    private static int totalLength(MemorySegment segment, long block) {
        return segment.get(LittleEndian.U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
    }

    private static void patchInterfaceId(MemorySegment copy, long block, OpenChunk chunk) {
        if (copy.get(LittleEndian.U32, block) == EnhancedPacketBlockDescriptor.TYPE) {
            int idInChunk = EnhancedPacketBlock.interfaceId(copy, block);
            EnhancedPacketBlock.setInterfaceId(copy, block, chunk.networkInterface(idInChunk).outputId());
        }
    }

    /** A run that is longer than the buffer has room is a single record: its head goes as a patched copy, the rest as it lies. */
    private void appendAcrossBuffers(OpenChunk chunk) {
        MemorySegment head = MemorySegment.ofArray(new byte[PATCHED_LENGTH]);
        MemorySegment.copy(chunk.segment(), runOffset, head, 0, PATCHED_LENGTH);
        patchInterfaceId(head, 0, chunk);
        if (chunk.shiftNs() != 0) {
            EnhancedPacketBlock.shiftTimestamp(head, 0, chunk.shiftNs());
        }
        output.append(head, 0, PATCHED_LENGTH);
        output.append(chunk.segment(), runOffset + PATCHED_LENGTH, runLength - PATCHED_LENGTH);
    }

    /** Statistics; and an interface for what a node lost, where none is described. A file without any interface is refused by tcpdump. */
    @Override
    public void end() {
        flush();
        for (ExportInterface networkInterface : registry.firstOfEachFile()) {
            if (blocks.summary(networkInterface).tellsLoss()) {
                describe(networkInterface);
            }
        }
        if (interfacesWritten == 0) {
            output.append(blocks.placeholderInterface());
        }
        List<String> untold = notes.get();
        BitSet told = new BitSet();
        for (ExportInterface networkInterface : registry.all()) {
            if (networkInterface.isWritten()) {
                boolean first = !told.get(networkInterface.file());
                told.set(networkInterface.file());
                output.append(blocks.statistics(networkInterface, lastTimestampNs, first, untold));
                untold = List.of();
            }
        }
    }
}
