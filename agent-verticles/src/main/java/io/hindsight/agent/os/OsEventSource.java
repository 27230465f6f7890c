package io.hindsight.agent.os;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.os.proc.CgroupFolders;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what an {@link OsEventFeed} tells, with cgroup and container, and checkpoints of what runs. One thread, {@code hindsight-os-events}, does all of it; the kernel's
 * buffers take what happens meanwhile.
 */
public final class OsEventSource implements EventSource {
    private static final Logger LOG = LoggerFactory.getLogger(OsEventSource.class);

    private static final int POLL_MS = 100;

    /** A checkpoint that could not be made is tried again after this time. */
    private static final long CHECKPOINT_RETRY_NS = TimeUnit.SECONDS.toNanos(60);

    /** Looks at the feed that are taken at the end, so that what was heard of is recorded. */
    private static final int LAST_LOOKS = 64;

    private static final long STOP_TIMEOUT_MS = 5_000;

    private final OsEventFeed feed;
    private final List<ProgramStatus> refused;
    private final PodDirectory pods;
    private final LongSupplier clock;
    private final Drains drains;

    // Written by start() and close() under this object's lock.
    private volatile @Nullable Thread thread;
    private boolean closed;

    private volatile boolean stopping;

    // Written by the source's thread.
    private volatile @Nullable String failure;
    private volatile @Nullable String incomplete;
    private volatile @Nullable String hidden;

    /**
     * A source that has not been started.
     *
     * @param feed open already; closed with this source
     * @param refused programs that were wanted rather than this feed, and why they are not there
     * @param pods which pods the node runs
     * @param clock the wall clock, ns since the epoch
     */
    public OsEventSource(OsEventFeed feed, List<ProgramStatus> refused, PodDirectory pods, LongSupplier clock) {
        this.feed = feed;
        this.refused = List.copyOf(refused);
        this.pods = pods;
        this.clock = clock;
        this.drains = new Drains(clock);
    }

    @Override
    public ChunkSource source() {
        return ChunkSource.OS;
    }

    @Override
    public String name() {
        return feed.name();
    }

    @Override
    public synchronized void start(EventSink sink) {
        if (thread != null || closed) {
            throw new IllegalStateException("Started before.");
        }
        thread = Thread.ofPlatform().name("hindsight-os-events").daemon().start(() -> run(sink));
    }

    private void run(EventSink sink) {
        try {
            Recording recording = new Recording(sink);
            while (!stopping) {
                recording.look(drains.isWaitedFor() ? 0 : POLL_MS);
            }
            for (int looks = 0; looks < LAST_LOOKS && recording.look(0) > 0; looks++) {
                // each has recorded what was there
            }
        } catch (Throwable e) { // whatever it was: this thread's end is told, never silent
            failure = "Operating-system events are no longer recorded: " + e.getMessage();
            LOG.error("Operating-system events are no longer recorded.", e);
        } finally {
            drains.end();
            closeFeed();
        }
    }

    private void closeFeed() {
        try {
            feed.close();
        } catch (RuntimeException e) {
            LOG.warn("The feed of operating-system events, name={}, did not close.", feed.name(), e);
        }
    }

    /** What the source's thread works with. */
    private final class Recording {
        private final EventSink sink;
        private final OsEntry entries;
        private final ProcessTable table;
        private final OsInventory inventory;
        private long nextCheckpointNs = System.nanoTime();
        private long newestNs;

        Recording(EventSink sink) {
            ProcFiles files = new ProcFiles(clock.getAsLong());
            this.sink = sink;
            this.entries = new OsEntry(sink.maxEntryLength());
            this.table = new ProcessTable(files, CgroupFolders.ofMachine(), pods);
            this.inventory = new OsInventory(files, table, clock);
        }

        /** Takes what the feed has; returns how many events it were. */
        int look(int timeoutMs) throws InterruptedException {
            if (sink.isCheckpointDue() && System.nanoTime() - nextCheckpointNs >= 0) {
                checkpoint();
            }
            Drains.Question question = drains.question();
            newestNs = Long.MIN_VALUE;
            int events = feed.poll(this::take, timeoutMs);
            takeLost(DropCause.KERNEL);
            takeLost(DropCause.RATE_LIMIT);
            sink.commit();
            drains.looked(question, events, newestNs);
            return events;
        }

        private void take(OsEvent event) {
            newestNs = Math.max(newestNs, event.timeNs());
            entries.entry(table.enriched(event))
                    .ifPresentOrElse(
                            entry -> sink.event(event.timeNs(), entry), () -> sink.dropped(DropCause.OVERSIZE, 1));
        }

        private void takeLost(DropCause cause) {
            long lost = feed.takeLost(cause);
            if (lost > 0) {
                sink.dropped(cause, lost);
            }
        }

        private void checkpoint() throws InterruptedException {
            OsCheckpoint checkpoint = inventory.take(entries);
            tell(checkpoint);
            if (!sink.beginCheckpoint(checkpoint.bytes())) {
                nextCheckpointNs = System.nanoTime() + CHECKPOINT_RETRY_NS;
                return;
            }
            checkpoint.entries().forEach(entry -> sink.event(checkpoint.timeNs(), entry));
            sink.endCheckpoint();
        }

        private void tell(OsCheckpoint checkpoint) {
            if (checkpoint.problem() != null && incomplete == null) {
                LOG.warn("{}", checkpoint.problem());
            }
            if (checkpoint.hidden() != null && hidden == null) {
                LOG.warn("{}", checkpoint.hidden());
            }
            incomplete = checkpoint.problem();
            hidden = checkpoint.hidden();
        }
    }

    @Override
    public @Nullable String problem() {
        return failure != null ? failure : incomplete;
    }

    @Override
    public List<ProgramStatus> programs() {
        List<ProgramStatus> programs = new ArrayList<>(refused);
        programs.addAll(feed.programs());
        String why = hidden;
        if (why != null) {
            programs.add(new ProgramStatus("sock_diag", false, why));
        }
        return programs;
    }

    @Override
    public boolean drain(long timeoutMs) throws InterruptedException {
        return isAlive() && drains.await(timeoutMs);
    }

    @Override
    public synchronized void close() {
        stopping = true;
        Thread running = thread;
        if (running == null) {
            if (!closed) {
                closeFeed();
            }
        } else {
            join(running);
        }
        closed = true;
    }

    private static void join(Thread running) {
        try {
            running.join(STOP_TIMEOUT_MS);
            if (running.isAlive()) {
                LOG.error("Thread {} did not end within timeoutMs={}.", running.getName(), STOP_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isAlive() {
        Thread running = thread;
        return running != null && running.isAlive();
    }
}
