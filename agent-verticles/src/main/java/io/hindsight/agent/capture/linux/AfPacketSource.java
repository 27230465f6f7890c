package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records on Linux from {@code AF_PACKET} sockets, one for each capture thread, members of a fan-out group where there are several.
 *
 * <p>One interface named plainly, with one thread: the socket is bound to it, so that other interfaces' packets do not come near it, and
 * bound again when the interface is made anew. Else the sockets are bound to no interface, so that one that appears is recorded from its
 * first packet on, and the kernel's filter picks the interfaces ({@link CaptureFilterProgram}).
 *
 * <p>Everything happens in the network namespace of the thread that calls {@link #start}.
 */
public final class AfPacketSource implements PacketSource {
    private static final Logger LOG = LoggerFactory.getLogger(AfPacketSource.class);
    private static final List<String> SUPPORTED_SYSTEMS = List.of("Linux/amd64", "Linux/aarch64");
    private static final int PROCESSORS_PER_THREAD = 8;
    private static final int MAX_DEFAULT_THREADS = 4;
    private static final long STOP_TIMEOUT_MS = 5_000;
    private static final long FILTER_TIMEOUT_MS = 10_000;
    private static final long DRAIN_ON_CLOSE_MS = 1_000;
    private static final long DRAIN_POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    /** The kernel hands a block over after twice the retire time-out at the latest; the rest is for a busy machine's softirqs. */
    private static final long VISIBLE_AFTER_NS =
            TimeUnit.MILLISECONDS.toNanos(2L * PacketSocket.RETIRE_TIMEOUT_MS + 20);

    /** By so much the stamps of packets that two processors receive at once may be out of order in the ring. */
    private static final long REORDERING_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final AgentConfig config;
    private final InterfaceSelection selection;
    private final int writers;
    private final int snapLength;
    private final LinkTable table;

    // Written by start() and close() under this object's lock; the lists are replaced whole, so that any thread may
    // read them.
    private volatile List<CaptureLoop> loops = List.of();
    private volatile @Nullable LinkWatcher watcher;
    private volatile boolean closed;
    private volatile List<Thread> threads = List.of();

    // The watcher thread's, after start().
    private CaptureFilterCompiler compiler;
    private @Nullable CaptureFilterProgram attached;
    private int boundIndex;

    public AfPacketSource(AgentConfig config) {
        this.config = config;
        this.selection = new InterfaceSelection(config.interfaces());
        this.writers = config.captureThreads() > 0 ? config.captureThreads() : defaultThreads();
        this.snapLength = config.snapLength() > 0 ? config.snapLength() : BpfProgram.MAX_SNAP_LENGTH;
        this.table = new LinkTable(selection, config.snapLength(), config.captureFilter());
        this.compiler = new CaptureFilterCompiler(CaptureFilter.of(config.captureFilter()), snapLength, !isBound());
    }

    /** One thread takes millions of packets a second: more only where there are processors to spare. */
    private static int defaultThreads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors() / PROCESSORS_PER_THREAD, 1, MAX_DEFAULT_THREADS);
    }

    private boolean isBound() {
        return writers == 1 && !selection.singleName().isEmpty();
    }

    /**
     * Why this source cannot be used on this machine, or empty where it can. A missing privilege is no reason: nothing else could do
     * without, and {@link #start} says how to grant it.
     */
    public static String whyUnusable() {
        String system = System.getProperty("os.name") + "/" + System.getProperty("os.arch");
        if (!SUPPORTED_SYSTEMS.contains(system)) {
            return "it needs one of " + SUPPORTED_SYSTEMS + ", this is " + system + ".";
        }
        try (PacketSocket _ = PacketSocket.open(2L * PacketSocket.BLOCK_SIZE)) {
            return "";
        } catch (HindsightException e) {
            return e.code() == ErrorCode.MISSING_PRIVILEGE ? "" : String.valueOf(e.getMessage());
        }
    }

    @Override
    public String name() {
        return "af_packet";
    }

    @Override
    public int writers() {
        return writers;
    }

    @Override
    public synchronized void start(List<PacketSink> sinks) {
        if (sinks.size() != writers || watcher != null || closed) {
            throw new IllegalStateException("start() is called once, with writers()=" + writers + " sinks");
        }
        try {
            open(sinks);
        } catch (RuntimeException e) {
            closed = true;
            release();
            throw e;
        }
        startThreads();
    }

    private void open(List<PacketSink> sinks) {
        PacketSocket first = PacketSocket.open(config.kernelBuffer().bytes());
        loops = List.of(new CaptureLoop(first, table, sinks.getFirst(), snapLength));
        LinkWatcher links = new LinkWatcher(table, this::followLinks);
        watcher = links;
        links.list();
        requireInterface();
        openOthers(sinks);
        boundIndex = isBound() ? indexOfBound() : 0;
        // The filter first, then the interface: no packet passes unfiltered.
        attach(compiler.compile(table.selected()));
        loops.forEach(loop -> loop.socket().bind(boundIndex));
        joinFanout();
    }

    private void openOthers(List<PacketSink> sinks) {
        for (PacketSink sink : sinks.subList(1, sinks.size())) {
            List<CaptureLoop> more = new ArrayList<>(loops);
            more.add(new CaptureLoop(PacketSocket.open(config.kernelBuffer().bytes()), table, sink, snapLength));
            loops = List.copyOf(more);
        }
    }

    private void requireInterface() {
        if (!table.captured().isEmpty()) {
            return;
        }
        List<String> names = table.links().stream().map(Link::name).sorted().toList();
        if (selection.isPlain()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "There is no interface=" + selection + "; there are: " + String.join(", ", names) + ".");
        }
        LOG.warn("No interface matches interface={} yet; there are: {}.", selection, String.join(", ", names));
    }

    private void joinFanout() {
        if (loops.size() > 1) {
            int group = loops.getFirst().socket().createFanout();
            loops.subList(1, loops.size()).forEach(loop -> loop.socket().joinFanout(group));
        }
    }

    private int indexOfBound() {
        return table.captured().getFirst().kernelIndex();
    }

    private void startThreads() {
        List<Thread> started = new ArrayList<>();
        for (CaptureLoop loop : loops) {
            started.add(Thread.ofPlatform().name("hindsight-capture-" + started.size()).start(loop));
        }
        started.add(Thread.ofPlatform().name("hindsight-links").start(Objects.requireNonNull(watcher)));
        threads = List.copyOf(started);
    }

    /** To every socket, or to none. */
    private void attach(CaptureFilterProgram program) {
        if (Objects.equals(attached, program)) {
            return;
        }
        for (CaptureLoop loop : loops) {
            if (!attached(loop.socket(), program)) {
                loops.forEach(this::putBack);
                throw HindsightException.ofField(
                        ErrorCode.INVALID_FILTER,
                        "capture-filter",
                        "The kernel has no memory for a capture filter of instructions="
                                + program.instructionCount()
                                + ". Raise its limit: sudo sysctl -w net.core.optmem_max=131072");
            }
        }
        attached = program;
    }

    /** Where the kernel's limit has not room for two long programs at once, a short one that lets everything pass stands between them for a moment. */
    private boolean attached(PacketSocket socket, CaptureFilterProgram program) {
        return socket.attach(program) || (socket.attach(everything()) && socket.attach(program));
    }

    private CaptureFilterProgram everything() {
        return CaptureFilterProgram.ofSnapLength(table.selected(), !isBound(), snapLength);
    }

    private void putBack(CaptureLoop loop) {
        CaptureFilterProgram before = attached;
        if (before != null && !attached(loop.socket(), before)) {
            LOG.error("The kernel takes back no capture filter: everything is recorded.");
        }
    }

    @Override
    public synchronized long filter(CaptureFilter filter) {
        LinkWatcher links = watcher;
        if (links == null && !closed) {
            compiler = compiler.with(filter);
            return EpochNanos.of(Instant.now());
        }
        if (links == null || closed || links.failure() != null) {
            throw notFollowed("it has stopped");
        }
        CompletableFuture<Long> done = new CompletableFuture<>();
        Runnable task = () -> replaceFilter(filter, done);
        links.post(task);
        return awaitFilter(links, task, done);
    }

    /** On the watcher's thread, which knows the interfaces and is in their network namespace. */
    private void replaceFilter(CaptureFilter filter, CompletableFuture<Long> done) {
        try {
            CaptureFilterCompiler next = compiler.with(filter);
            CaptureFilterProgram program = next.compile(table.selected());
            long nowNs = EpochNanos.of(Instant.now());
            attach(program);
            compiler = next;
            done.complete(nowNs);
        } catch (RuntimeException refused) {
            done.completeExceptionally(refused);
        }
    }

    private static long awaitFilter(LinkWatcher links, Runnable task, CompletableFuture<Long> done) {
        try {
            while (true) {
                try {
                    return done.get(FILTER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException late) {
                    if (links.withdraw(task) || links.failure() != null) {
                        throw notFollowed("interfaces change too fast, timeoutMs=" + FILTER_TIMEOUT_MS);
                    }
                    LOG.warn("A capture filter has been compiled for ms={}; waiting.", FILTER_TIMEOUT_MS, late);
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof HindsightException refused
                    ? refused
                    : new IllegalStateException("attaching a capture filter", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notFollowed("interrupted");
        }
    }

    private static HindsightException notFollowed(String why) {
        return new HindsightException(ErrorCode.IO_FAILED, "The packet source cannot change its filter: " + why + ".");
    }

    /** On the watcher's thread. */
    private void followLinks() {
        try {
            attach(compiler.compile(table.selected()));
        } catch (HindsightException refused) {
            // An expression that fits none of the link types which are left: the program stays as it is.
            LOG.error("The capture filter cannot follow a change of interfaces: {}", refused.getMessage());
        }
        if (isBound() && !table.captured().isEmpty() && indexOfBound() != boundIndex) {
            boundIndex = indexOfBound();
            loops.getFirst().socket().bind(boundIndex);
        }
    }

    @Override
    public SourceCounters counters() {
        List<CaptureLoop> now = loops;
        String failure = failure(now);
        return new SourceCounters(
                now.stream().mapToLong(CaptureLoop::packets).sum(),
                now.stream().mapToLong(CaptureLoop::bytes).sum(),
                now.stream().mapToLong(CaptureLoop::kernelDrops).sum(),
                !closed && failure == null && !now.isEmpty() && now.stream().allMatch(CaptureLoop::isRunning),
                failure,
                false,
                table.captured());
    }

    private @Nullable String failure(List<CaptureLoop> now) {
        for (CaptureLoop loop : now) {
            if (loop.failure() != null) {
                return loop.failure();
            }
        }
        LinkWatcher links = watcher;
        return links == null ? null : links.failure();
    }

    @Override
    public boolean drain(long timeoutMs) throws InterruptedException {
        long stampedBeforeNs = EpochNanos.of(Instant.now()) + REORDERING_NS;
        long startNs = System.nanoTime();
        long visibleNs = startNs + VISIBLE_AFTER_NS;
        long deadlineNs = startNs + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        List<CaptureLoop> now = loops;
        boolean woken = false;
        while (!now.stream().allMatch(loop -> loop.isPast(visibleNs, stampedBeforeNs))) {
            long nowNs = System.nanoTime();
            if (nowNs - deadlineNs >= 0 || closed || !now.stream().allMatch(CaptureLoop::isRunning)) {
                return false;
            }
            if (!woken && nowNs - visibleNs >= 0) {
                woken = true;
                now.forEach(CaptureLoop::wake);
            }
            LockSupport.parkNanos(DRAIN_POLL_NS);
            if (Thread.interrupted()) {
                throw new InterruptedException("drain");
            }
        }
        return true;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try {
            drain(DRAIN_ON_CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Closed without waiting for the last packets: interrupted.");
        }
        closed = true;
        loops.forEach(CaptureLoop::stop);
        stopWatcher();
        if (joinThreads()) {
            release();
        }
    }

    @Override
    public int liveThreads() {
        return Math.toIntExact(threads.stream().filter(Thread::isAlive).count());
    }

    private void stopWatcher() {
        LinkWatcher links = watcher;
        if (links != null) {
            links.stop();
        }
    }

    private boolean joinThreads() {
        try {
            for (Thread thread : threads) {
                if (!thread.join(Duration.ofMillis(STOP_TIMEOUT_MS))) {
                    // Unmapping the ring beneath a running thread would kill the process: rather leave it.
                    LOG.error(
                            "thread={} did not stop within timeoutMs={}; its ring is not freed.",
                            thread.getName(),
                            STOP_TIMEOUT_MS);
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("Interrupted while capture threads stop; their rings are not freed.");
            return false;
        }
    }

    private void release() {
        loops.forEach(CaptureLoop::close);
        LinkWatcher links = watcher;
        if (links != null) {
            links.close();
        }
    }
}
