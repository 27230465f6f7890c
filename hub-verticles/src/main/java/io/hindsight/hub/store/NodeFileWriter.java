package io.hindsight.hub.store;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one node's chunks to its data file, and their index beside it: checks, writes, hashes and forces, and decides nothing.
 *
 * <p>Four lanes work at once, because SHA-256 takes longer than everything else together and one of the two digests that a chunk
 * needs must not wait for the other: <em>write</em> checks the CRCs and appends the bytes from where they lie; <em>file digest</em> and
 * <em>chunk digest</em> hash them, the latter also appends the index; <em>sync</em> forces while writing goes on. A chunk's memory is given back when all
 * three that read it are done.
 *
 * <p>The first failure is final: a failed sync is never tried again, for the kernel may have dropped the pages that it could not write.
 */
public final class NodeFileWriter {
    private static final Logger LOG = LoggerFactory.getLogger(NodeFileWriter.class);
    private static final int READERS_OF_A_CHUNK = 3;

    private final NodeId node;
    private final FileHoldings heldAtStart;
    private final SyncPolicy syncPolicy;
    private final FileListener listener;
    private final SerialLane writeLane;
    private final SerialLane fileDigestLane;
    private final SerialLane chunkDigestLane;
    private final SerialLane syncLane;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicBoolean syncUnderWay = new AtomicBoolean();

    // Owned by the write lane; the sync lane forces the file and closes it last.
    private final AppendFile data;
    private final ChunkRow row;
    private volatile FileCounts counts;
    private @Nullable HindsightException refusal;
    private long syncedBytes;
    private long lastSyncNs;

    // Owned by the file-digest lane.
    private final MessageDigest fileDigester;

    // Owned by the chunk-digest lane; the sync lane forces the file and closes it last.
    private final MessageDigest chunkDigester = Digest.digester();
    private final AppendFile indexFile;
    private final IndexWriter index;

    /** Goes on from where its files stand. */
    NodeFileWriter(
            NodeId node, NodeFileStart start, StoreWorkers workers, SyncPolicy syncPolicy, FileListener listener) {
        this.node = node;
        this.syncPolicy = syncPolicy;
        this.lastSyncNs = syncPolicy.nanoClock().getAsLong();
        this.listener = listener;
        this.writeLane = new SerialLane(workers.writers());
        this.syncLane = new SerialLane(workers.writers());
        this.fileDigestLane = new SerialLane(workers.digesters());
        this.chunkDigestLane = new SerialLane(workers.digesters());
        this.data = start.data;
        this.indexFile = start.indexFile;
        this.index = start.index;
        this.fileDigester = start.fileDigester;
        this.counts = start.counts;
        this.row = start.row;
        this.heldAtStart = row.holdings(null);
    }

    /** What was in the file at the beginning. Any thread. */
    public FileHoldings heldAtStart() {
        return heldAtStart;
    }

    /** What the file holds. Any thread. */
    public FileCounts counts() {
        return counts;
    }

    /** Takes the chunk over: it is written after those before it, and released. Does not block. */
    public void append(Chunk chunk) {
        Pending pending = new Pending(chunk);
        writeLane.execute(() -> write(pending));
    }

    /** Forces what was written, if it is time to. Does not block. */
    public void tick() {
        writeLane.execute(this::syncIfDue);
    }

    private void write(Pending pending) {
        Chunk chunk = pending.chunk;
        if (!isAccepted(chunk) || !row.isNew(chunk.header())) {
            pending.drop();
            return;
        }
        long offset = counts.bytes();
        fileDigestLane.execute(() -> pending.read(() -> update(fileDigester, chunk)));
        chunkDigestLane.execute(() -> pending.read(() -> appendIndex(chunk, offset)));
        pending.read(() -> appendData(chunk));
        syncIfDue();
    }

    /** A chunk that is not what it should be is the sender's fault: the file stays whole, and may be finished as it is. */
    private boolean isAccepted(Chunk chunk) {
        if (refusal != null) {
            return false;
        }
        return guarded(() -> {
            try {
                ChunkCheck.check(chunk, node);
            } catch (HindsightException broken) {
                refusal = broken;
                listener.refused(broken);
            }
        })
                && refusal == null;
    }

    private void appendData(Chunk chunk) {
        data.append(chunk.parts());
        row.add(chunk.header());
        counts = counts.plus(chunk.header());
    }

    private void appendIndex(Chunk chunk, long offset) {
        update(chunkDigester, chunk);
        index.append(IndexRecord.of(chunk.header(), offset, Digest.of(chunkDigester)));
    }

    private static void update(MessageDigest digester, Chunk chunk) {
        for (ByteBuffer part : chunk.parts()) {
            digester.update(part);
        }
    }

    private void syncIfDue() {
        long unsynced = counts.bytes() - syncedBytes;
        boolean due =
                unsynced >= syncPolicy.bytes()
                        || (unsynced > 0
                                && syncPolicy.nanoClock().getAsLong() - lastSyncNs >= syncPolicy.interval().toNanos());
        if (due && !failed.get() && syncUnderWay.compareAndSet(false, true)) {
            beginSync(synced -> syncUnderWay.set(false));
        }
    }

    /** On the write lane: notes how far the files are, then passes through the chunk-digest lane so that the index is as far. */
    private void beginSync(Consumer<Boolean> after) {
        Map<String, Long> sequences = row.sequences();
        long bytes = counts.bytes();
        syncedBytes = bytes;
        lastSyncNs = syncPolicy.nanoClock().getAsLong();
        chunkDigestLane.execute(() -> {
            guarded(index::flush);
            syncLane.execute(() -> after.accept(sync(sequences, bytes)));
        });
    }

    private boolean sync(Map<String, Long> sequences, long bytes) {
        boolean synced =
                guarded(() -> {
                    data.force();
                    indexFile.force();
                });
        if (synced) {
            listener.durable(sequences, bytes);
        }
        return synced;
    }

    /**
     * Waits for all that was appended, so that every chunk has been released, and forces it; the file stays open. Fails as the file failed. Does not
     * block; completes on a worker.
     */
    public CompletableFuture<FileHoldings> settle() {
        CompletableFuture<FileHoldings> done = new CompletableFuture<>();
        writeLane.execute(() -> {
            FileHoldings held = row.holdings(refusal);
            fileDigestLane.execute(() -> writeLane.execute(() -> beginSync(synced -> settled(done, held, synced))));
        });
        return done;
    }

    private void settled(CompletableFuture<FileHoldings> done, FileHoldings held, boolean synced) {
        if (synced) {
            done.complete(held);
        } else {
            done.completeExceptionally(failedBefore());
        }
    }

    private HindsightException failedBefore() {
        return new HindsightException(ErrorCode.IO_FAILED, "The file of node=" + node + " failed before.");
    }

    /** Waits for all that was appended, forces and closes both files. Fails as the file failed. Does not block; completes on a worker. */
    public CompletableFuture<NodeFile> finish() {
        CompletableFuture<NodeFile> done = new CompletableFuture<>();
        writeLane.execute(() ->
                fileDigestLane.execute(() ->
                        chunkDigestLane.execute(() ->
                                syncLane.execute(() -> {
                                    try {
                                        done.complete(finished());
                                    } catch (HindsightException e) {
                                        fail(e);
                                        done.completeExceptionally(e);
                                    }
                                }))));
        return done;
    }

    private NodeFile finished() {
        if (failed.get()) {
            throw failedBefore();
        }
        Manifest.File indexed = index.finish();
        data.force();
        indexFile.force();
        data.close();
        indexFile.close();
        String name = String.valueOf(data.path().getFileName());
        return new NodeFile(
                new Manifest.File(name, counts.bytes(), Digest.of(fileDigester).hex()),
                indexed,
                counts,
                row.holdings(refusal));
    }

    /** Takes nothing more, releases what waits, and closes the files. Completes on a worker. */
    public CompletableFuture<Void> abandon() {
        failed.set(true);
        CompletableFuture<Void> done = new CompletableFuture<>();
        writeLane.execute(() ->
                fileDigestLane.execute(() ->
                        chunkDigestLane.execute(() ->
                                syncLane.execute(() -> {
                                    closeQuietly(data);
                                    closeQuietly(indexFile);
                                    done.complete(null);
                                }))));
        return done;
    }

    private void closeQuietly(AppendFile file) {
        try {
            file.close();
        } catch (HindsightException e) {
            LOG.warn("An abandoned file did not close: {}", e.getMessage());
        }
    }

    /** Whether the step ran and did not fail; after a failure no step runs. */
    private boolean guarded(Runnable step) {
        if (failed.get()) {
            return false;
        }
        try {
            step.run();
            return true;
        } catch (HindsightException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            // InternalError is how the JDK reports a page that could not be read from a mapped file.
            fail(new HindsightException(ErrorCode.IO_FAILED, "Cannot take a chunk of node=" + node + ": " + e, e));
        }
        return false;
    }

    private void fail(HindsightException failure) {
        if (failed.compareAndSet(false, true)) {
            listener.failed(failure);
        }
    }

    /** A chunk that some lanes still read. */
    private final class Pending {
        private final Chunk chunk;
        private final AtomicInteger readers = new AtomicInteger(READERS_OF_A_CHUNK);

        Pending(Chunk chunk) {
            this.chunk = chunk;
        }

        void read(Runnable step) {
            guarded(step);
            if (readers.decrementAndGet() == 0) {
                drop();
            }
        }

        void drop() {
            long lengthBytes = chunk.lengthBytes();
            chunk.release();
            listener.released(lengthBytes, counts);
        }
    }
}
