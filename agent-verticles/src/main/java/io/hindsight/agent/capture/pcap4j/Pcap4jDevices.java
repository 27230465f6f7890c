package io.hindsight.agent.capture.pcap4j;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.Pcaps;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interfaces that are recorded from now: opens those that appear, lets go of those that vanish. One thread at a time. */
final class Pcap4jDevices {
    private static final Logger LOG = LoggerFactory.getLogger(Pcap4jDevices.class);

    /** A block that is not full is handed over after this time. */
    static final int RETIRE_TIMEOUT_MS = 50;

    private static final int MIN_BUFFER_BYTES = 2 << 20;

    /** {@code PCAP_ERROR_PERM_DENIED} and {@code PCAP_ERROR_PROMISC_PERM_DENIED}. */
    private static final List<Integer> PERMISSION_DENIED = List.of(-8, -11);

    private static final int DLT_RAW = 12;
    private static final int LINK_TYPE_RAW = 101;

    private final AgentConfig config;
    private final InterfaceSelection selection;
    private final PacketGate gate;
    private final PacketSink sink;
    private final Map<String, Pcap4jDevice> open = new HashMap<>();
    private final Map<String, String> refused = new HashMap<>();
    private int nextId;
    private long packetsOfClosed;
    private long bytesOfClosed;
    private long dropsOfClosed;

    Pcap4jDevices(AgentConfig config, PacketGate gate, PacketSink sink) {
        this.gate = gate;
        this.config = config;
        this.selection = new InterfaceSelection(config.interfaces());
        this.sink = sink;
    }

    List<Pcap4jDevice> open() {
        return List.copyOf(open.values());
    }

    List<CaptureInterface> interfaces() {
        return open.values().stream().map(Pcap4jDevice::networkInterface).toList();
    }

    long packets() {
        return packetsOfClosed + open.values().stream().mapToLong(Pcap4jDevice::packets).sum();
    }

    long bytes() {
        return bytesOfClosed + open.values().stream().mapToLong(Pcap4jDevice::bytes).sum();
    }

    long drops() {
        return dropsOfClosed + open.values().stream().mapToLong(Pcap4jDevice::drops).sum();
    }

    /** Looks for interfaces that appeared or vanished. */
    void refresh() {
        Map<String, Integer> present = present();
        for (Pcap4jDevice device : open()) {
            String name = device.networkInterface().name();
            if (!Objects.equals(present.get(name), device.networkInterface().kernelIndex())) {
                LOG.info("Interface={} is gone.", name);
                close(device);
            }
        }
        present.forEach((name, index) -> openNew(name, index, present.size()));
    }

    private void openNew(String name, int index, int count) {
        if (!open.containsKey(name)) {
            try {
                open.put(name, openDevice(name, index, count));
                refused.remove(name);
            } catch (PcapNativeException | NotOpenException e) {
                requireUsable(name, e);
            }
        }
    }

    /** An interface that is down cannot be opened: it is tried again with each look. */
    private void requireUsable(String name, Exception e) {
        if (e instanceof PcapNativeException refusal && PERMISSION_DENIED.contains(refusal.getReturnCode())) {
            throw new HindsightException(
                    ErrorCode.MISSING_PRIVILEGE,
                    "libpcap may not open interface="
                            + name
                            + ": "
                            + e.getMessage()
                            + ". Run as root: sudo ./hindsight up.",
                    e);
        }
        if (!Objects.equals(refused.put(name, String.valueOf(e.getMessage())), e.getMessage())) {
            LOG.info("Nothing is recorded from interface={} yet: {}.", name, e.getMessage());
        }
    }

    private Pcap4jDevice openDevice(String name, int index, int count) throws PcapNativeException, NotOpenException {
        PcapHandle handle =
                new PcapHandle.Builder(name)
                        .snaplen(config.snapLength() > 0 ? config.snapLength() : BpfProgram.MAX_SNAP_LENGTH)
                        .promiscuousMode(PromiscuousMode.NONPROMISCUOUS)
                        .timeoutMillis(RETIRE_TIMEOUT_MS)
                        .bufferSize(
                                Math.clamp(config.kernelBuffer().bytes() / count, MIN_BUFFER_BYTES, Integer.MAX_VALUE))
                        .timestampPrecision(TimestampPrecision.NANO)
                        .build();
        try {
            handle.setBlockingMode(BlockingMode.NONBLOCKING);
            setFilter(handle);
            LOG.info("Recording from interface={} ifindex={} linkType={}.", name, index, linkType(handle));
            return new Pcap4jDevice(
                    handle,
                    new CaptureInterface(
                            nextId++, name, index, linkType(handle), config.snapLength(), config.captureFilter()),
                    gate,
                    sink);
        } catch (PcapNativeException | NotOpenException | RuntimeException e) {
            handle.close();
            throw e;
        }
    }

    /** An empty expression too: only a filter makes the kernel cut packets at the snap length. */
    private void setFilter(PcapHandle handle) throws NotOpenException {
        try {
            handle.setFilter(config.captureFilter(), BpfCompileMode.OPTIMIZE);
        } catch (PcapNativeException e) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_FILTER, "capture-filter", "libpcap refuses the filter: " + e.getMessage());
        }
    }

    /** On Linux, of all that an interface can have, only RAW differs between libpcap's calls and files. */
    private static int linkType(PcapHandle handle) {
        int dlt = handle.getDlt().value();
        return dlt == DLT_RAW ? LINK_TYPE_RAW : dlt;
    }

    /** Names and indexes of the interfaces that are wanted. */
    private Map<String, Integer> present() {
        Map<String, Integer> present = new HashMap<>();
        for (String name : names()) {
            int index = selection.matches(name) ? InterfaceIndex.of(name) : 0;
            if (index != 0) {
                present.put(name, index);
            }
        }
        return present;
    }

    /** Every interface that libpcap lists. */
    List<String> names() {
        try {
            return Pcaps.findAllDevs().stream().map(PcapNetworkInterface::getName).toList();
        } catch (PcapNativeException e) {
            throw new HindsightException(ErrorCode.IO_FAILED, "libpcap cannot list interfaces: " + e.getMessage(), e);
        }
    }

    /** Lets go of an interface: it is gone, or failed; if it is there still, the next {@link #refresh} opens it again. */
    void close(Pcap4jDevice device) {
        open.remove(device.networkInterface().name());
        packetsOfClosed += device.packets();
        bytesOfClosed += device.bytes();
        dropsOfClosed += device.drops();
        device.close();
    }

    void closeAll() {
        new ArrayList<>(open.values()).forEach(this::close);
    }
}
