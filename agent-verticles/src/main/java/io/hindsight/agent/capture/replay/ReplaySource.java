package io.hindsight.agent.capture.replay;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records from a pcap or pcapng file, at the pace in which its packets came, or as fast as it goes.
 *
 * <p>Packets keep the file's timestamps: they are evidence, and a window of the snapshot is then a window of the file's own time. The
 * capture filter and the snap length hold as for an interface; an interface that the file names is recorded from if it was asked for.
 */
public final class ReplaySource implements PacketSource {
    private static final Logger LOG = LoggerFactory.getLogger(ReplaySource.class);
    private static final int COMMIT_INTERVAL_BYTES = 1 << 20;
    private static final long DRAIN_POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final Path path;
    private final boolean fullSpeed;
    private final int snapLength;
    private final String filter;
    private final ReplayInterfaces interfaces;

    // Set by start().
    private @Nullable CaptureFile file;
    private volatile @Nullable Thread thread;

    // The replaying thread's.
    private final Map<Integer, BpfProgram> programs = new HashMap<>();
    private long packetCount;
    private long byteCount;
    private long uncommittedBytes;
    private long firstTimestampNs;
    private long startedNs;

    // Written by the replaying thread at each commit, read by any.
    private volatile long packets;
    private volatile long bytes;
    private volatile long drained;
    private volatile boolean ended;
    private volatile boolean finished;
    private volatile @Nullable String failure;

    private final AtomicLong drainRequests = new AtomicLong();
    private volatile boolean stopping;

    /** {@code config.replay()} is set. */
    public ReplaySource(AgentConfig config) {
        this.path = Objects.requireNonNull(config.replay(), "replay");
        this.fullSpeed = config.replayFullSpeed();
        this.snapLength = config.snapLength() > 0 ? config.snapLength() : BpfProgram.MAX_SNAP_LENGTH;
        this.filter = config.captureFilter();
        this.interfaces =
                new ReplayInterfaces(new InterfaceSelection(config.interfaces()), config.snapLength(), filter);
    }

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public int writers() {
        return 1;
    }

    @Override
    public synchronized void start(List<PacketSink> sinks) {
        if (sinks.size() != 1 || thread != null || stopping) {
            throw new IllegalStateException("start() is called once, with one sink");
        }
        CaptureFile opened = CaptureFile.open(path);
        file = opened;
        PacketSink sink = sinks.getFirst();
        PacketCursor cursor = cursor(opened);
        thread = Thread.ofPlatform().name("hindsight-capture-0").start(() -> run(opened, cursor, sink));
    }

    /** A replay is to show its file: what the cluster records now, and which addresses its pods have now, says nothing about it. */
    @Override
    public long filter(CaptureFilter wanted) {
        throw new HindsightException(
                ErrorCode.WRONG_STATE,
                "A replay records its file as the setting capture-filter says; the cluster's capture policy does not concern it.");
    }

    private PacketCursor cursor(CaptureFile opened) {
        opened.require(0, Integer.BYTES, "A capture file's first number");
        int magic = opened.int32(0);
        if (magic == SectionHeaderBlockDescriptor.TYPE) {
            return new PcapngCursor(opened, interfaces);
        }
        if (PcapCursor.isMagic(magic) || PcapCursor.isMagic(Integer.reverseBytes(magic))) {
            return new PcapCursor(opened, interfaces);
        }
        throw opened.broken(0, "neither pcap nor pcapng begins with 0x" + Integer.toHexString(magic));
    }

    private void run(CaptureFile opened, PacketCursor cursor, PacketSink sink) {
        startedNs = System.nanoTime();
        try {
            while (!stopping && cursor.next()) {
                replay(opened, cursor, sink);
            }
            commit(sink);
            finished = !stopping;
        } catch (HindsightException e) {
            commit(sink);
            fail(e);
            LOG.error("The replay stopped: {}", e.getMessage());
        } catch (Throwable e) { // whatever it was: this thread's end is reported, never silent
            fail(e);
            LOG.error("The replay of file={} stopped.", path, e);
        } finally {
            ended = true;
        }
    }

    private void fail(Throwable e) {
        failure = "The replay stopped: " + e.getMessage();
    }

    private void replay(CaptureFile opened, PacketCursor cursor, PacketSink sink) {
        answerDrain(sink);
        CaptureInterface from = cursor.networkInterface();
        if (!fullSpeed) {
            awaitTurn(cursor.timestampNs(), sink);
        }
        if (from == null || stopping || !accepts(opened, cursor, from.linkType())) {
            return;
        }
        int length = Math.min(cursor.capturedLength(), snapLength);
        sink.packet(
                from,
                cursor.timestampNs(),
                cursor.direction(),
                opened.bytes(),
                cursor.dataOffset(),
                length,
                cursor.originalLength());
        count(length, sink);
    }

    private boolean accepts(CaptureFile opened, PacketCursor cursor, int linkType) {
        if (filter.isBlank()) {
            return true;
        }
        BpfProgram program = programs.get(linkType);
        if (program == null) {
            program = BpfProgram.compile(filter, linkType, snapLength);
            programs.put(linkType, program);
        }
        return program.matches(opened.bytes(), cursor.dataOffset(), cursor.capturedLength(), cursor.originalLength());
    }

    private void count(int length, PacketSink sink) {
        packetCount++;
        byteCount += length;
        uncommittedBytes += length;
        if (uncommittedBytes >= COMMIT_INTERVAL_BYTES) {
            commit(sink);
        }
    }

    private void commit(PacketSink sink) {
        sink.commit();
        uncommittedBytes = 0;
        packets = packetCount;
        bytes = byteCount;
    }

    /** Waits until as much time has passed since the start as lay between the file's first packet and this one. */
    private void awaitTurn(long timestampNs, PacketSink sink) {
        if (firstTimestampNs == 0) {
            firstTimestampNs = timestampNs;
        }
        long dueNs = startedNs + (timestampNs - firstTimestampNs);
        long waitNs = dueNs - System.nanoTime();
        if (waitNs > 0) {
            commit(sink);
        }
        while (waitNs > 0 && !stopping) {
            LockSupport.parkNanos(this, waitNs);
            answerDrain(sink);
            waitNs = dueNs - System.nanoTime();
        }
    }

    private void answerDrain(PacketSink sink) {
        long requests = drainRequests.get();
        if (requests != drained) {
            commit(sink);
            drained = requests;
        }
    }

    @Override
    public SourceCounters counters() {
        return new SourceCounters(
                packets, bytes, 0, thread != null && !ended && !stopping, failure, finished, interfaces.all());
    }

    /** Everything whose turn has come is committed; in a replay nothing waits in a kernel. */
    @Override
    public boolean drain(long timeoutMs) throws InterruptedException {
        Thread replaying = thread;
        long request = drainRequests.incrementAndGet();
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        LockSupport.unpark(replaying);
        while (drained < request && !ended) {
            if (replaying == null || System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            LockSupport.parkNanos(DRAIN_POLL_NS);
            if (Thread.interrupted()) {
                throw new InterruptedException("drain");
            }
        }
        return true;
    }

    @Override
    public boolean isLive() {
        return false;
    }

    @Override
    public int liveThreads() {
        Thread replaying = thread;
        return replaying != null && replaying.isAlive() ? 1 : 0;
    }

    @Override
    public synchronized void close() {
        Thread replaying = thread;
        stopping = true;
        if (replaying == null) {
            closeFile();
            return;
        }
        LockSupport.unpark(replaying);
        try {
            if (replaying.join(STOP_TIMEOUT)) {
                closeFile();
            } else {
                LOG.error("The replay of file={} did not stop within {}; the file stays open.", path, STOP_TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("Interrupted while the replay of file={} stops; the file stays open.", path);
        }
    }

    private void closeFile() {
        CaptureFile opened = file;
        if (opened != null) {
            opened.close();
            file = null;
        }
    }
}
