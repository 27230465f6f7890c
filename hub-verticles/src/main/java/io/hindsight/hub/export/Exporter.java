package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;

/** Plans and carries out exports on the calling thread: for tools that work on a folder, without a Hub. Stateless, thread-safe. */
public final class Exporter {
    /** Bytes of a buffer. */
    static final int BUFFER_LENGTH = 1 << 20;

    private Exporter() {}

    /**
     * Works out how to answer a request, and whether it can be, where no names are known.
     *
     * @throws HindsightException UNKNOWN_NODE, INVALID_FILTER, INVALID_REQUEST (several link types in a pcap) with what to do instead;
     *     INTEGRITY_VIOLATED or IO_FAILED naming file and offset
     */
    public static ExportPlan plan(SnapshotFiles snapshot, ExportRequest request) {
        return plan(snapshot, request, () -> Resolution.NONE);
    }

    /**
     * The same with names.
     *
     * @param resolution asked at most once, on this thread, and only where the request needs names: who had which address in the snapshot. Where it
     *     fails, the export does without names and says so, but for a filter by names, which fails with it
     */
    public static ExportPlan plan(SnapshotFiles snapshot, ExportRequest request, Supplier<Resolution> resolution) {
        return ExportPlanner.plan(snapshot, request, resolution);
    }

    /**
     * Writes the export to a channel, which stays open.
     *
     * @throws HindsightException INTEGRITY_VIOLATED or IO_FAILED
     */
    public static ExportStatistics exportTo(ExportPlan plan, WritableByteChannel target) {
        try {
            return plan.storedCopy().isPresent() ? copy(plan, plan.storedCopy().get(), target) : merge(plan, target);
        } catch (IOException e) {
            throw new HindsightException(ErrorCode.IO_FAILED, "Writing the export failed: " + e, e);
        }
    }

    /** Writes the export to a file, which appears under its name when it is whole; an existing one is replaced. */
    public static ExportStatistics exportTo(ExportPlan plan, Path file) {
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            part,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ExportStatistics statistics = exportTo(plan, channel);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
                return statistics;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new HindsightException(ErrorCode.IO_FAILED, "Writing file=" + file + " failed: " + e, e);
        }
    }

    private static ExportStatistics merge(ExportPlan plan, WritableByteChannel target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
        MemorySegment segment = MemorySegment.ofBuffer(buffer);
        try (ExportRun run = ExportRun.of(plan, () -> false)) {
            for (long length = run.fill(segment); length > 0; length = run.fill(segment)) {
                buffer.clear().limit(Math.toIntExact(length));
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
            }
            return run.statistics();
        }
    }

    private static ExportStatistics copy(ExportPlan plan, ExportPlan.StoredCopy stored, WritableByteChannel target)
            throws IOException {
        try (FileChannel source = FileChannel.open(stored.file(), StandardOpenOption.READ)) {
            long done = 0;
            while (done < stored.length()) {
                long step = source.transferTo(done, stored.length() - done, target);
                if (step <= 0) {
                    throw new IOException(stored.file() + " ended at offset=" + done + " of " + stored.length());
                }
                done += step;
            }
        }
        return plan.storedStatistics();
    }
}
