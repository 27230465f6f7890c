package io.hindsight.hub.store;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The threads that touch snapshot files: {@code hindsight-writer} for writes and syncs, which wait for the disk,
 * {@code hindsight-digest} for SHA-256, which keeps a processor busy, {@code hindsight-reader} for reading snapshots back. Fixed sizes; queues hold at most one task for each lane of an open file.
 */
public final class StoreWorkers implements AutoCloseable {
    private static final int MIN_WRITERS = 4;
    private static final int MIN_DIGESTERS = 2;
    private static final int MIN_READERS = 2;

    private final ExecutorService writers;
    private final ExecutorService digesters;
    private final ExecutorService readers;

    /** Sized for this machine. */
    public StoreWorkers() {
        int processors = Runtime.getRuntime().availableProcessors();
        writers = pool("hindsight-writer-", Math.max(MIN_WRITERS, 2 * processors));
        digesters = pool("hindsight-digest-", Math.max(MIN_DIGESTERS, processors));
        readers = pool("hindsight-reader-", Math.max(MIN_READERS, processors));
    }

    /** With these threads, which are shut down when this is closed. */
    public StoreWorkers(ExecutorService writers, ExecutorService digesters, ExecutorService readers) {
        this.writers = writers;
        this.digesters = digesters;
        this.readers = readers;
    }

    private static ExecutorService pool(String name, int threads) {
        return Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    /** Runs short tasks that wait for the disk. */
    public ExecutorService writers() {
        return writers;
    }

    /** Runs short tasks that compute. */
    public ExecutorService digesters() {
        return digesters;
    }

    /** Runs tasks that read whole snapshots. */
    public ExecutorService readers() {
        return readers;
    }

    /** Lets what was begun end, and takes nothing more. Does not interrupt: that would close the files' channels. */
    @Override
    public void close() {
        writers.shutdown();
        digesters.shutdown();
        readers.shutdown();
    }
}
