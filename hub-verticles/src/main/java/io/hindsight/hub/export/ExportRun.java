package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An export under way: fills one buffer after the other with the bytes of the answer. Used by one thread at a time, not always the same
 * one.
 *
 * <p>Memory, beside the buffers: for each chunk that is open 4 bytes a record if its records are out of order, else nothing that grows;
 * while such a chunk is opened, 24 bytes a record. Chunks are open while the merge is within their times: as a rule one for each writer of
 * each node. The plan keeps some 80 bytes for each chunk. A table of flows takes up to 8 MiB ({@link KnownFlows}) where flows are told of, and as much
 * where processes choose.
 */
final class ExportRun implements AutoCloseable {
    private static final long RECORDS_BETWEEN_CHECKS = 1024;

    private final ExportPlan plan;
    private final MappedFiles files;
    private final InterfaceRegistry registry = new InterfaceRegistry();
    private final ExportOutput output = new ExportOutput();
    private final ChunkMerge merge;
    private final RecordSink sink;
    private final RecordChoice choice;
    private final Optional<FlowComments> comments;
    private final BooleanSupplier cancelled;

    private @Nullable OpenChunk next;
    private int notesDone;
    private boolean merged;
    private boolean begun;
    private boolean ended;
    private int currentFile;
    private long seen;
    private long packets;
    private long records;
    private long unsupported;

    private ExportRun(ExportPlan plan, BooleanSupplier cancelled, Function<ExportRun, RecordSink> sink) {
        this.plan = plan;
        this.cancelled = cancelled;
        PacketReader reader = new PacketReader();
        this.choice = new RecordChoice(plan, reader);
        this.comments = comments(plan, reader);
        this.files = MappedFiles.open(plan.snapshot().nodes().stream().map(SnapshotFiles.NodeFile::path).toList());
        this.merge = new ChunkMerge(files, registry, plan.chunks());
        this.sink = sink.apply(this);
    }

    private static Optional<FlowComments> comments(ExportPlan plan, PacketReader reader) {
        boolean hasComments = plan.request().has(ExportContent.FLOWS) && !plan.names().resolution().isEmpty();
        return hasComments
                ? Optional.of(
                        new FlowComments(
                                plan.names().resolution(), plan.snapshot().nodeNames(), reader, new KnownFlows()))
                : Optional.empty();
    }

    /**
     * Maps the files; nothing is read yet.
     *
     * @param cancelled makes the present or next {@link #fill} fail soon once it is true; asked on the export's thread
     */
    static ExportRun of(ExportPlan plan, BooleanSupplier cancelled) {
        return new ExportRun(plan, cancelled, ExportRun::sinkOfFormat);
    }

    /** The same records into a sink of the caller's. */
    static ExportRun into(ExportPlan plan, RecordSink sink) {
        return new ExportRun(plan, () -> false, run -> sink);
    }

    /** The same, until it is cancelled. */
    static ExportRun into(ExportPlan plan, BooleanSupplier cancelled, RecordSink sink) {
        return new ExportRun(plan, cancelled, run -> sink);
    }

    private RecordSink sinkOfFormat() {
        List<String> nodes = plan.snapshot().nodeNames();
        return switch (plan.request().format()) {
            case PCAPNG ->
                    new PcapngSink(output, new SectionBlocks(plan), registry, plan.interfaces(), comments, this::notes);
            case PCAP -> new PcapSink(output, plan.linkTypes().getFirst());
            case NDJSON -> new NdjsonSink(output, nodes);
        };
    }

    /**
     * Fills the buffer. Reads mapped files: call it on a worker.
     *
     * @return bytes put in, 0 at the end
     * @throws HindsightException CANCELLED; INTEGRITY_VIOLATED or IO_FAILED naming file and offset
     */
    long fill(MemorySegment buffer) {
        output.attach(buffer);
        try {
            if (!begun) {
                begun = true;
                sink.begin();
            }
            while (!ended && !sink.isFull()) {
                step();
            }
            sink.flush();
        } catch (InternalError e) {
            throw files.failure(currentFile, e);
        }
        return output.detach();
    }

    /** Runs to the end for a sink that writes nothing. */
    void finish() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(RecordSink.MIN_ROOM);
            while (fill(buffer) > 0) {
                throw new IllegalStateException("The sink writes.");
            }
        }
    }

    private void step() {
        if (seen++ % RECORDS_BETWEEN_CHECKS == 0) {
            checkCancelled();
        }
        if (next == null && !merged) {
            next = merge.next();
            merged = next == null;
        }
        OpenChunk chunk = next;
        if (isNoteDue(chunk)) {
            records += sink.capture(plan.captureNotes().get(notesDone++)) ? 1 : 0;
        } else if (chunk == null) {
            sink.end();
            ended = true;
        } else {
            currentFile = chunk.entry().file();
            record(chunk);
            next = null;
        }
    }

    /** What was recorded from some moment on stands before the first record of that moment; the rest at the end. */
    private boolean isNoteDue(@Nullable OpenChunk chunk) {
        return notesDone < plan.captureNotes().size()
                && (chunk == null || plan.captureNotes().get(notesDone).timeNs() <= chunk.timestampNs());
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new HindsightException(ErrorCode.CANCELLED, "The export was cancelled.");
        }
    }

    private void record(OpenChunk chunk) {
        if (!choice.accepts(chunk)) {
            return;
        }
        if (!sink.record(chunk)) {
            unsupported++;
        } else if (chunk.type() == EnhancedPacketBlockDescriptor.TYPE) {
            packets++;
        } else {
            records++;
        }
    }

    /** What could not be known before the last record. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (choice.unreadable() > 0) {
            notes.add(choice.unreadable() + " events are left out because a filter by names could not read them");
        }
        if (uncommentedFlows() > 0) {
            notes.add(
                    "at least "
                            + uncommentedFlows()
                            + " flows have no comment: there are more than limit="
                            + KnownFlows.MAX_FLOWS);
        }
        return notes;
    }

    private long uncommentedFlows() {
        return comments.map(FlowComments::beyondBound).orElse(0L);
    }

    /** So far. */
    ExportStatistics statistics() {
        return new ExportStatistics(
                packets,
                records,
                output.totalBytes(),
                merge.openedChunks(),
                choice.filteredOut(),
                choice.outsideWindow(),
                unsupported,
                choice.notAskedFor(),
                choice.unreadable(),
                comments.map(FlowComments::written).orElse(0L),
                uncommentedFlows());
    }

    /** Unmaps the files. No {@link #fill} may be running. */
    @Override
    public void close() {
        files.close();
    }
}
