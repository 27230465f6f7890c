package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.pcapng.InterfaceDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a request will be answered, worked out from chunk headers before the first byte: so that a client learns of what is wrong with its
 * request by a status, not by a broken stream. Immutable; holds no file open.
 */
public final class ExportPlan {
    private final SnapshotFiles snapshot;
    private final ExportRequest request;
    private final List<ChunkEntry> chunks;
    private final List<String> comments;
    private final List<NodeSummary> summaries;
    private final List<NodeInterface> interfaces;
    private final List<Integer> linkTypes;
    private final Optional<StoredCopy> storedCopy;
    private final String reason;
    private final ExportNames names;
    private final List<CaptureNote> captureNotes;

    /**
     * Stored bytes that are the answer as they lie: fit for {@code sendFile}, with a length and ranges.
     *
     * @param file the data file
     * @param length its bytes
     */
    public record StoredCopy(Path file, long length) {}

    /**
     * An interface of one node.
     *
     * @param file index of the node's file
     * @param description as its chunks have it
     */
    record NodeInterface(int file, InterfaceDescription description) {}

    /**
     * @param snapshot with the chosen nodes alone
     * @param chunks in opening order
     * @param comments of the section that is written
     * @param summaries of nodes, by file index
     * @param interfaces known beforehand: a tool like {@code reordercap} wants them before the first packet
     * @param linkTypes of the packets
     * @param reason why it is, or is not, a stored copy
     * @param names what is said and chosen by names
     * @param captureNotes what nodes recorded when, in the order in which it is written
     */
    ExportPlan(
            SnapshotFiles snapshot,
            ExportRequest request,
            List<ChunkEntry> chunks,
            List<String> comments,
            List<NodeSummary> summaries,
            List<NodeInterface> interfaces,
            List<Integer> linkTypes,
            Optional<StoredCopy> storedCopy,
            String reason,
            ExportNames names,
            List<CaptureNote> captureNotes) {
        this.snapshot = snapshot;
        this.request = request;
        this.chunks = List.copyOf(chunks);
        this.comments = List.copyOf(comments);
        this.summaries = List.copyOf(summaries);
        this.interfaces = List.copyOf(interfaces);
        this.linkTypes = List.copyOf(linkTypes);
        this.storedCopy = storedCopy;
        this.reason = reason;
        this.names = names;
        this.captureNotes = List.copyOf(captureNotes);
    }

    /** What was asked for. */
    public ExportRequest request() {
        return request;
    }

    /** The file to send as it lies; empty: the bytes have to be made. */
    public Optional<StoredCopy> storedCopy() {
        return storedCopy;
    }

    /** Why stored bytes are, or are not, the answer: a whole sentence for logs and people. */
    public String reason() {
        return reason;
    }

    /** {@code <snapshot name>-<start in UTC>.<extension>}; safe as a file name, but not ASCII alone ({@link ContentDisposition}). */
    public String fileName() {
        return ExportFileName.of(snapshot, request);
    }

    /** Chunks that will be read. */
    public int chunkCount() {
        return chunks.size();
    }

    /** Stored bytes that will be read. */
    public long storedBytes() {
        return chunks.stream().mapToLong(ChunkEntry::length).sum();
    }

    /** What sending the stored bytes amounts to. */
    public ExportStatistics storedStatistics() {
        long packets = recordsOf(ChunkSource.PACKETS);
        long all = chunks.stream().mapToLong(ChunkEntry::records).sum();
        return ExportStatistics.ofAll(packets, all - packets, storedBytes(), chunks.size());
    }

    private long recordsOf(ChunkSource source) {
        return chunks.stream().filter(chunk -> chunk.source() == source).mapToLong(ChunkEntry::records).sum();
    }

    SnapshotFiles snapshot() {
        return snapshot;
    }

    List<ChunkEntry> chunks() {
        return chunks;
    }

    List<String> comments() {
        return comments;
    }

    List<NodeSummary> summaries() {
        return summaries;
    }

    List<NodeInterface> interfaces() {
        return interfaces;
    }

    List<Integer> linkTypes() {
        return linkTypes;
    }

    ExportNames names() {
        return names;
    }

    List<CaptureNote> captureNotes() {
        return captureNotes;
    }

    /** The same with these link types. */
    ExportPlan ofLinkTypes(List<Integer> found) {
        return new ExportPlan(
                snapshot,
                request,
                chunks,
                comments,
                summaries,
                interfaces,
                found,
                storedCopy,
                reason,
                names,
                captureNotes);
    }
}
