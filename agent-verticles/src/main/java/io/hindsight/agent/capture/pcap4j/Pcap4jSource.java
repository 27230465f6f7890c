package io.hindsight.agent.capture.pcap4j;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.HardwareTypes;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.agent.capture.UserSpaceFilter;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapNativeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records through libpcap, wherever that runs. One thread takes turns over one libpcap handle for each interface, and looks for
 * interfaces that appear or vanish once a second. Slower than {@code AfPacketSource} — an array and several calls for each packet — and
 * without directions, which libpcap does not tell.
 *
 * <p>The kernel runs the setting's expression; what {@link #filter} adds runs here, on each packet, because libpcap changes a handle's filter by dropping all that comes meanwhile.
 */
public final class Pcap4jSource implements PacketSource {
    private static final Logger LOG = LoggerFactory.getLogger(Pcap4jSource.class);
    private static final long REFRESH_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /** How long the thread rests when no interface had anything: libpcap's own buffer holds what comes meanwhile. */
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long VISIBLE_AFTER_NS =
            TimeUnit.MILLISECONDS.toNanos(2L * Pcap4jDevices.RETIRE_TIMEOUT_MS + 20);
    private static final long DRAIN_ON_CLOSE_MS = 1_000;
    private static final long DRAIN_ON_FILTER_MS = 1_000;
    private static final long DRAIN_POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final AgentConfig config;
    private final PacketGate gate;
    private volatile @Nullable Thread thread;

    // The capture thread's.
    private long nextRefreshNs;

    // Written by the capture thread each round, read by any.
    private volatile long packets;
    private volatile long bytes;
    private volatile long kernelDrops;
    private volatile long caughtUpNs = System.nanoTime();
    private volatile List<CaptureInterface> interfaces = List.of();
    private volatile @Nullable String failure;
    private volatile boolean ended;

    private volatile boolean stopping;

    public Pcap4jSource(AgentConfig config) {
        this.config = config;
        this.gate = new PacketGate(new UserSpaceFilter(CaptureFilter.of(config.captureFilter()), 0));
    }

    @Override
    public String name() {
        return "pcap4j";
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
        PacketSink sink = sinks.getFirst();
        Pcap4jDevices devices = new Pcap4jDevices(config, gate, sink);
        try {
            refresh(devices);
            requireInterface(devices);
        } catch (RuntimeException e) {
            devices.closeAll();
            throw e;
        }
        thread = Thread.ofPlatform().name("hindsight-capture-0").start(() -> run(devices, sink));
    }

    @Override
    public synchronized long filter(CaptureFilter filter) {
        if (stopping || ended) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "The packet source cannot change its filter: it has stopped.");
        }
        UserSpaceFilter next = compiled(filter);
        long nowNs = EpochNanos.of(Instant.now());
        gate.replace(next, nowNs);
        try {
            if (thread == null || drain(DRAIN_ON_FILTER_MS)) {
                gate.settled();
            } else {
                LOG.warn("Packets from before a change of the filter are still coming in.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return nowNs;
    }

    /** For all link types of this machine's interfaces and those that may come; refused where it fits none of those that are there. */
    private UserSpaceFilter compiled(CaptureFilter filter) {
        UserSpaceFilter next = new UserSpaceFilter(filter, 0);
        Set<Integer> present = new TreeSet<>();
        interfaces.forEach(each -> present.add(each.linkType()));
        Set<Integer> all = new TreeSet<>(HardwareTypes.known().values());
        all.addAll(present);
        Map<Integer, HindsightException> refusals = new HashMap<>();
        for (int linkType : all) {
            try {
                next.compile(linkType);
            } catch (HindsightException refused) {
                refusals.put(linkType, refused);
            }
        }
        Set<Integer> needed = present.isEmpty() ? Set.of(HardwareTypes.LINK_TYPE_ETHERNET) : present;
        if (refusals.keySet().containsAll(needed)) {
            throw refusals.get(needed.iterator().next());
        }
        return next;
    }

    private void requireInterface(Pcap4jDevices devices) {
        InterfaceSelection selection = new InterfaceSelection(config.interfaces());
        List<String> names = devices.names();
        if (selection.isPlain() && names.stream().noneMatch(selection::matches)) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "There is no interface=" + selection + "; there are: " + String.join(", ", names) + ".");
        }
    }

    private void run(Pcap4jDevices devices, PacketSink sink) {
        try {
            while (!stopping) {
                takeRound(devices, sink);
            }
            check(devices);
            sink.commit();
        } catch (Throwable e) { // whatever it was: this thread's end is reported, never silent
            failure = "Packet capture stopped: " + e.getMessage();
            LOG.error("Packet capture stopped.", e);
        } finally {
            devices.closeAll();
            ended = true;
        }
    }

    private void takeRound(Pcap4jDevices devices, PacketSink sink) throws NotOpenException {
        long nowNs = System.nanoTime();
        if (nowNs - nextRefreshNs >= 0) {
            check(devices);
            refresh(devices);
            nextRefreshNs = nowNs + REFRESH_INTERVAL_NS;
        }
        long before = devices.packets();
        boolean more = false;
        try {
            for (Pcap4jDevice device : devices.open()) {
                more |= device.take();
            }
            if (devices.packets() != before) {
                sink.commit();
            }
        } catch (InternalError fault) { // how the JDK reports a page of the ring that cannot be had
            sink.faulted(1);
        }
        publish(devices);
        if (!more) {
            caughtUpNs = nowNs;
            LockSupport.parkNanos(IDLE_NS);
        }
    }

    private void refresh(Pcap4jDevices devices) {
        devices.refresh();
        interfaces = devices.interfaces();
    }

    /** One that failed is let go of; if it is there still, the next look opens it again. */
    private void check(Pcap4jDevices devices) throws NotOpenException {
        for (Pcap4jDevice device : devices.open()) {
            try {
                device.check();
                device.countDrops();
            } catch (PcapNativeException e) {
                LOG.info("libpcap lets go of interface={}: {}.", device.networkInterface().name(), e.getMessage());
                devices.close(device);
            }
        }
        publish(devices);
    }

    private void publish(Pcap4jDevices devices) {
        packets = devices.packets();
        bytes = devices.bytes();
        kernelDrops = devices.drops();
    }

    @Override
    public SourceCounters counters() {
        return new SourceCounters(
                packets, bytes, kernelDrops, thread != null && !ended && !stopping, failure, false, interfaces);
    }

    @Override
    public boolean drain(long timeoutMs) throws InterruptedException {
        long startNs = System.nanoTime();
        long visibleNs = startNs + VISIBLE_AFTER_NS;
        long deadlineNs = startNs + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (caughtUpNs - visibleNs < 0) {
            if (System.nanoTime() - deadlineNs >= 0 || ended || thread == null) {
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
    public int liveThreads() {
        Thread capturing = thread;
        return capturing != null && capturing.isAlive() ? 1 : 0;
    }

    @Override
    public synchronized void close() {
        Thread capturing = thread;
        if (stopping || capturing == null) {
            stopping = true;
            return;
        }
        try {
            drain(DRAIN_ON_CLOSE_MS);
            stopping = true;
            if (!capturing.join(STOP_TIMEOUT)) {
                LOG.error("thread={} did not stop within {}.", capturing.getName(), STOP_TIMEOUT);
            }
        } catch (InterruptedException e) {
            stopping = true;
            Thread.currentThread().interrupt();
            LOG.error("Interrupted while packet capture stops.");
        }
    }
}
