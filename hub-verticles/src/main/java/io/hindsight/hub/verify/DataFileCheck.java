package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * Reads a node's data file from its first byte to its last, and its index beside it. Each chunk: both CRCs, every block, node, sequence after
 * the one before, index record; and, unless only checksums are asked for, its SHA-256 and the file's. Used once, by one thread.
 */
public final class DataFileCheck {
    /** How much is computed. */
    public enum Depth {
        /** CRCs and structure: that the file reads as what was sent, right after it was written and hashed. */
        CHECKSUMS,
        /** SHA-256 of each chunk and file as well. */
        DIGESTS
    }

    /** An interface name for each container is plausible; a file that has more is not asked for them all. */
    private static final int MAX_INTERFACES = 65_536;

    private static final long STRETCH_LENGTH = 1L << 20;

    private final NodeFiles files;
    private final NodeId node;
    private final String dataName;
    private final Depth depth;
    private final ReadPace pace;
    private final ChunkObserver observer;
    private final Findings findings;
    private final MerkleTree merkleTree;
    private final MessageDigest fileDigester = Digest.digester();
    private final MessageDigest chunkDigester = Digest.digester();
    private final Map<ChunkSource, Long> lastSequences = new EnumMap<>(ChunkSource.class);
    private final Set<Manifest.Interface> interfaces = new LinkedHashSet<>();
    private FileCounts counts = FileCounts.NONE;
    private long chunk;

    /**
     * @param findings where violations are noted
     * @param merkleTree takes each chunk's digest: as computed, or as the index has it where only checksums are asked for
     */
    public DataFileCheck(NodeFiles files, Depth depth, Findings findings, MerkleTree merkleTree) {
        this(files, depth, findings, merkleTree, ReadPace.UNLIMITED, ChunkObserver.NONE);
    }

    /** At a pace, and with somebody who looks at each sound chunk as it passes by. */
    public DataFileCheck(
            NodeFiles files,
            Depth depth,
            Findings findings,
            MerkleTree merkleTree,
            ReadPace pace,
            ChunkObserver observer) {
        this.pace = pace;
        this.observer = observer;
        this.files = files;
        this.node = new NodeId(files.node().node());
        this.dataName = String.valueOf(files.data().getFileName());
        this.depth = depth;
        this.findings = findings;
        this.merkleTree = merkleTree;
    }

    /**
     * Reads everything.
     *
     * @throws IOException where a file cannot be read
     */
    public DataFileFacts run() throws IOException {
        try (ChunkFile data = new ChunkFile(files.openData(), pace);
                IndexCursor index = new IndexCursor(files.index(), node, findings)) {
            long offset = 0;
            while (offset < data.size()) {
                offset += step(data, index, offset);
            }
            index.expectEnd();
            Digest digest = depth == Depth.DIGESTS ? Digest.of(fileDigester) : null;
            return new DataFileFacts(counts, interfaces.stream().toList(), data.size(), digest);
        }
    }

    /** Checks the chunk at the offset; returns how many bytes were dealt with. */
    private long step(ChunkFile data, IndexCursor index, long offset) throws IOException {
        IndexRecord entry = index.next();
        ChunkFile.Extent extent = data.extentAt(offset, entry);
        if (!extent.isChunk()) {
            add(Kind.CHANGED, extent.offset(), extent.length(), "No chunk starts here.");
            merkleTree.add(hashStretch(data, extent));
        } else {
            MemorySegment bytes = data.read(offset, extent.length());
            CompletableFuture<Void> hashed = hashFile(bytes);
            try {
                check(bytes, offset, entry, index.name());
            } finally {
                hashed.join();
            }
        }
        chunk++;
        return extent.length();
    }

    private void add(Kind kind, long offset, long length, String detail) {
        findings.add(Violation.of(kind, dataName, detail).at(chunk, offset, length));
    }

    private void check(MemorySegment bytes, long offset, @Nullable IndexRecord entry, String indexName) {
        Digest digest = chunkDigest(bytes, entry);
        merkleTree.add(digest);
        ChunkHeader sound = null;
        try {
            ChunkHeader header = ChunkVerifier.checkRecords(bytes, 0);
            checkIdentity(header, offset, bytes.byteSize());
            counts = counts.plus(header);
            collectInterfaces(bytes);
            compare(entry, IndexRecord.of(header, offset, digest), indexName);
            sound = header;
        } catch (HindsightException broken) {
            add(Kind.CHANGED, offset, bytes.byteSize(), "Within the chunk: " + broken.getMessage());
        }
        if (sound != null) {
            observer.chunk(sound, bytes);
        }
    }

    /** The chunk passed its own checks: a difference is laid to the data only where even the digest is another. */
    private void compare(@Nullable IndexRecord entry, IndexRecord computed, String indexName) {
        if (entry == null || entry.equals(computed)) {
            return;
        }
        String detail = "Chunk and index record differ: the index has " + entry + ", the chunk " + computed + ".";
        if (entry.digest().equals(computed.digest())) {
            findings.add(
                    Violation.of(Kind.CHANGED, indexName, detail)
                            .at(chunk, IndexDescriptor.recordOffset(chunk), IndexDescriptor.RECORD_LENGTH));
        } else {
            add(Kind.CHANGED, computed.offset(), computed.lengthBytes(), detail);
        }
    }

    private Digest chunkDigest(MemorySegment bytes, @Nullable IndexRecord entry) {
        if (depth == Depth.CHECKSUMS && entry != null) {
            return entry.digest();
        }
        chunkDigester.update(bytes.asByteBuffer());
        return Digest.of(chunkDigester);
    }

    private void checkIdentity(ChunkHeader header, long offset, long length) {
        if (header.lengthBytes() != length) {
            add(Kind.CHANGED, offset, length, "The chunk's length=" + header.lengthBytes() + ", not " + length + ".");
        }
        if (header.nodeIdHash() != node.hash()) {
            add(Kind.ADDED, offset, length, "The chunk belongs to another node than " + node + ".");
        }
        long last = lastSequences.getOrDefault(header.source(), 0L);
        if (header.sequence() <= last) {
            add(
                    Kind.MOVED,
                    offset,
                    length,
                    "The sequence="
                            + header.sequence()
                            + " of source="
                            + header.source().label()
                            + " comes after "
                            + last
                            + ".");
        }
        lastSequences.put(header.source(), header.sequence());
    }

    private void collectInterfaces(MemorySegment bytes) {
        BlockCursor blocks = new BlockCursor(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize());
        while (blocks.next()) {
            if (blocks.type() == InterfaceDescriptionBlockDescriptor.TYPE && interfaces.size() < MAX_INTERFACES) {
                InterfaceDescription described = InterfaceDescription.read(bytes, blocks.offset());
                interfaces.add(new Manifest.Interface(described.name(), described.linkType()));
            }
        }
    }

    /** The file's digest is computed beside the chunk's: each takes longer than everything else. */
    private CompletableFuture<Void> hashFile(MemorySegment bytes) {
        return depth == Depth.CHECKSUMS
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(
                        () -> fileDigester.update(bytes.asByteBuffer()), ForkJoinPool.commonPool());
    }

    /** What is no chunk may be longer than a chunk can be. */
    private Digest hashStretch(ChunkFile data, ChunkFile.Extent extent) throws IOException {
        long end = extent.offset() + extent.length();
        for (long position = extent.offset(); position < end; position += STRETCH_LENGTH) {
            MemorySegment bytes = data.read(position, Math.min(STRETCH_LENGTH, end - position));
            chunkDigester.update(bytes.asByteBuffer());
            hashFile(bytes).join();
        }
        return Digest.of(chunkDigester);
    }
}
