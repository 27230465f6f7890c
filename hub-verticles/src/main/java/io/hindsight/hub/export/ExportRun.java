package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An export under way: fills one buffer after the other with the bytes of the answer. Used by one thread at a time, not always the same
 * one.
 *
 * <p>Memory, beside the buffers: for each chunk that is open 4 bytes a record if its records are out of order, else nothing that grows;
 * while such a chunk is opened, 24 bytes a record. Chunks are open while the merge is within their times: as a rule one for each writer of
 * each node. The plan keeps some 80 bytes for each chunk.
 */
final class ExportRun implements AutoCloseable {
    private static final long RECORDS_BETWEEN_CHECKS = 1024;

    private final ExportPlan plan;
    private final MappedFiles files;
    private final InterfaceRegistry registry = new InterfaceRegistry();
    private final ExportOutput output = new ExportOutput();
    private final ChunkMerge merge;
    private final RecordSink sink;
    private final @Nullable PacketFilter filter;
    private final BooleanSupplier cancelled;

    private boolean begun;
    private boolean ended;
    private int currentFile;
    private long seen;
    private long packets;
    private long records;
    private long filteredOut;
    private long outsideWindow;
    private long unsupported;

    private ExportRun(ExportPlan plan, BooleanSupplier cancelled, Function<ExportRun, RecordSink> sink) {
        this.plan = plan;
        this.cancelled = cancelled;
        this.filter = plan.request().filters() ? new PacketFilter(plan.request().bpf()) : null;
        if (filter != null) {
            filter.compileFor(plan.linkTypes());
        }
        this.files = MappedFiles.open(plan.snapshot().nodes().stream().map(SnapshotFiles.NodeFile::path).toList());
        this.merge = new ChunkMerge(files, registry, plan.chunks());
        this.sink = sink.apply(this);
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
            case PCAPNG -> new PcapngSink(output, new SectionBlocks(plan), registry, plan.interfaces());
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
        OpenChunk chunk = merge.next();
        if (chunk == null) {
            sink.end();
            ended = true;
        } else {
            currentFile = chunk.entry().file();
            record(chunk);
        }
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new HindsightException(ErrorCode.CANCELLED, "The export was cancelled.");
        }
    }

    private void record(OpenChunk chunk) {
        boolean isPacket = chunk.type() == EnhancedPacketBlockDescriptor.TYPE;
        if (!plan.request().window().contains(chunk.timestampNs())) {
            outsideWindow++;
        } else if (isPacket && filter != null && !filter.accepts(chunk)) {
            filteredOut++;
        } else if (!sink.record(chunk)) {
            unsupported++;
        } else if (isPacket) {
            packets++;
        } else {
            records++;
        }
    }

    /** So far. */
    ExportStatistics statistics() {
        return new ExportStatistics(
                packets, records, output.totalBytes(), merge.openedChunks(), filteredOut, outsideWindow, unsupported);
    }

    /** Unmaps the files. No {@link #fill} may be running. */
    @Override
    public void close() {
        files.close();
    }
}
