package io.hindsight.hub.store;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code manifest.json} says of a sealed snapshot. Immutable.
 *
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param id name of the folder
 * @param name for people
 * @param state COMPLETE or PARTIAL
 * @param request as the caller wrote it
 * @param idempotencyKey that came with the request
 * @param batch id of the batch that it was an item of; absent where it was of none
 * @param createdBy who asked
 * @param createdAt when it was asked for
 * @param sealedAt when this was written
 * @param program name and version of what wrote it
 * @param from window: first instant
 * @param to window: first instant after
 * @param bytes of all data files
 * @param chunks in all data files
 * @param packets packet records
 * @param records other records
 * @param merkleRoot {@link MerkleTree} over all chunk digests in the order of {@code nodes}, hex
 * @param nodes one entry for each chosen node
 * @param custody the newest line of the custody log when this was written; absent where there was no such log
 * @param error why it is partial
 * @param derived files that were computed from the data files; absent where there are none
 * @param notes whole sentences on what sealing could not do; absent where there are none
 * @param digest SHA-256, hex, of this file with the 64 digits of this field replaced by zeros
 */
public record Manifest(
        int formatVersion,
        String id,
        String name,
        SnapshotState state,
        SnapshotRequest request,
        @Nullable String idempotencyKey,
        @Nullable String batch,
        String createdBy,
        Instant createdAt,
        Instant sealedAt,
        String program,
        Instant from,
        Instant to,
        long bytes,
        long chunks,
        long packets,
        long records,
        String merkleRoot,
        List<Node> nodes,
        @Nullable CustodyAnchor custody,
        Snapshot.@Nullable Problem error,
        @Nullable List<File> derived,
        @Nullable List<String> notes,
        String digest) {
    /** The only version there is. */
    public static final int FORMAT_VERSION = 1;

    public Manifest {
        nodes = List.copyOf(nodes);
        derived = derived == null ? null : List.copyOf(derived);
        notes = notes == null ? null : List.copyOf(notes);
    }

    /** Files that were computed from the data files. */
    public List<File> derivedFiles() {
        return derived == null ? List.of() : derived;
    }

    /**
     * One node's part.
     *
     * @param node name
     * @param state COMPLETE or FAILED
     * @param agentVersion the agent's program version, where it was known
     * @param data the data file; absent where the node delivered nothing
     * @param index its index; absent where the node delivered nothing
     * @param chunks in the data file
     * @param packets packet records
     * @param records other records
     * @param firstTimestamp smallest time of its records
     * @param lastTimestamp greatest time of its records
     * @param interfaces every interface that its packets name, in order of appearance
     * @param drops by cause, as its chunks carry them
     * @param gaps missing parts of the window, oldest first
     * @param error why the node failed
     * @param clock how far its clock was from the Hub's when its part was taken; absent where that is not known
     * @param windowShiftNs added to the snapshot's window to get the one that the node was asked for, in its own time; absent: 0
     * @param captures what was recorded of the packets when, oldest first, from the change that was in force at the window's start on; absent where the agent did not say
     */
    public record Node(
            String node,
            SnapshotNode.State state,
            @Nullable String agentVersion,
            @Nullable File data,
            @Nullable File index,
            long chunks,
            long packets,
            long records,
            @Nullable Instant firstTimestamp,
            @Nullable Instant lastTimestamp,
            List<Interface> interfaces,
            Map<String, Long> drops,
            List<Gap> gaps,
            Snapshot.@Nullable Problem error,
            @Nullable ClockOffset clock,
            @Nullable Long windowShiftNs,
            @Nullable List<CaptureChange> captures) {
        public Node {
            interfaces = List.copyOf(interfaces);
            drops = Map.copyOf(drops);
            gaps = List.copyOf(gaps);
            captures = captures == null ? null : List.copyOf(captures);
        }

        /** What was recorded when; none where that is not known. */
        public List<CaptureChange> captureChanges() {
            return captures == null ? List.of() : captures;
        }

        /** Bytes of the data file, 0 where there is none. */
        public long bytes() {
            return data == null ? 0 : data.bytes();
        }
    }

    /**
     * A file of the folder.
     *
     * @param name in the folder
     * @param bytes length
     * @param sha256 of its content, hex
     */
    public record File(String name, long bytes, String sha256) {}

    /**
     * A network interface.
     *
     * @param name as the kernel had it
     * @param linkType LINKTYPE_ value
     */
    public record Interface(String name, int linkType) {}

    /** The API's object of it. */
    public Snapshot toSnapshot() {
        return new Snapshot(
                        id,
                        name,
                        state,
                        createdAt,
                        createdBy,
                        sealedAt,
                        from,
                        to,
                        bytes,
                        packets,
                        records,
                        chunks,
                        null,
                        nodes.stream().map(Manifest::toSnapshotNode).toList(),
                        merkleRoot,
                        error)
                .lockedUntil(request.lockUntil())
                .inBatch(batch);
    }

    private static SnapshotNode toSnapshotNode(Node node) {
        return new SnapshotNode(
                node.node(),
                node.state(),
                node.bytes(),
                node.bytes(),
                node.bytes(),
                node.packets(),
                node.records(),
                node.chunks(),
                node.firstTimestamp(),
                node.lastTimestamp(),
                node.drops(),
                node.gaps(),
                node.error(),
                node.clock());
    }
}
