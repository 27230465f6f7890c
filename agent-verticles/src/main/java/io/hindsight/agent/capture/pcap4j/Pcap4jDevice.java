package io.hindsight.agent.capture.pcap4j;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.chunk.DropCause;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.sql.Timestamp;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;

/** One interface, opened by libpcap. The capture thread's, once it was made. */
final class Pcap4jDevice implements AutoCloseable {
    /** Packets that one call takes: the others' turn must come. */
    private static final int MAX_BATCH = 1_024;

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLIS_PER_SECOND = 1_000;

    private final PcapHandle handle;
    private final CaptureInterface networkInterface;
    private final PacketGate gate;
    private final PacketSink sink;
    private long packets;
    private long bytes;
    private long drops;

    Pcap4jDevice(PcapHandle handle, CaptureInterface networkInterface, PacketGate gate, PacketSink sink) {
        this.handle = handle;
        this.gate = gate;
        this.networkInterface = networkInterface;
        this.sink = sink;
    }

    CaptureInterface networkInterface() {
        return networkInterface;
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    long drops() {
        return drops;
    }

    /**
     * Hands over what has come, without waiting. {@code dispatch} would do it in one call, but writes two lines of log each time.
     *
     * @return whether there may be more
     */
    boolean take() throws NotOpenException {
        for (int i = 0; i < MAX_BATCH; i++) {
            byte[] packet = handle.getNextRawPacket();
            if (packet == null) {
                return false;
            }
            handOver(packet);
        }
        return true;
    }

    /** Fails where libpcap can read no more; {@link #take} sees nothing then. */
    void check() throws PcapNativeException, NotOpenException {
        try {
            handOver(handle.getNextRawPacketEx());
        } catch (TimeoutException nothing) {
            return; // it is well, and has no packet now
        } catch (EOFException e) {
            throw new PcapNativeException("libpcap sees an end", e);
        }
    }

    private void handOver(byte[] packet) {
        Timestamp timestamp = handle.getTimestamp();
        long timestampNs =
                Math.floorDiv(timestamp.getTime(), MILLIS_PER_SECOND) * NANOS_PER_SECOND + timestamp.getNanos();
        int originalLength = Objects.requireNonNullElse(handle.getOriginalLength(), packet.length);
        if (!gate.accepts(networkInterface.linkType(), timestampNs, packet, Math.max(packet.length, originalLength))) {
            return;
        }
        sink.packet(
                networkInterface,
                timestampNs,
                EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN, // libpcap tells it of no packet
                MemorySegment.ofArray(packet),
                0,
                packet.length,
                Math.max(packet.length, originalLength));
        packets++;
        bytes += packet.length;
    }

    /** Asks libpcap for its drop counters. */
    void countDrops() throws PcapNativeException, NotOpenException {
        long total = handle.getStats().getNumPacketsDropped();
        if (total > drops) {
            sink.dropped(DropCause.KERNEL, total - drops);
            drops = total;
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
