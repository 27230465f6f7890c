package io.hindsight.agent.capture;

import io.hindsight.agent.PacketSources;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What capturing a packet costs: records from an interface into a ring until standard input ends, then prints the capture threads'
 * processor time. {@code scripts/capture-cost.sh} runs it beside {@code tcpdump -w} on the same packets.
 *
 * <p>Arguments: interface, folder of the ring, {@code AF_PACKET} or {@code PCAP4J}.
 */
public final class CaptureCost {
    private static final long STORAGE_BYTES = 1L << 30;
    private static final int SLOT_SIZE = 4 << 20;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private CaptureCost() {}

    public static void main(String[] arguments) throws IOException {
        AgentConfig config = config(arguments[0], Path.of(arguments[1]), CaptureImplementation.valueOf(arguments[2]));
        RingSpec spec =
                new RingSpec(
                        RingSpec.fileIn(config.ringDirectory(), ChunkSource.PACKETS),
                        config.node(),
                        ChunkSource.PACKETS,
                        STORAGE_BYTES,
                        SLOT_SIZE,
                        "benchmark");
        try (Ring ring = Ring.open(spec);
                PacketSource source = PacketSources.open(config)) {
            measure(ring, source);
        }
    }

    private static void measure(Ring ring, PacketSource source) throws IOException {
        List<PacketSink> sinks = new ArrayList<>();
        for (int i = 0; i < source.writers(); i++) {
            RingWriter writer = ring.writer(i);
            sinks.add(writer);
        }
        source.start(sinks);
        say("ready");
        long cpuBefore = 0;
        long packetsBefore = 0;
        while (System.in.read() >= 0) { // each byte ends a measurement
            SourceCounters counters = source.counters();
            long cpuNs = captureCpuNs();
            long packets = counters.packets() - packetsBefore;
            say(
                    String.format(
                            Locale.ROOT,
                            "packets=%d kernelDrops=%d cpuNsPerPacket=%.0f",
                            packets,
                            counters.kernelDrops(),
                            packets == 0 ? 0.0 : (double) (cpuNs - cpuBefore) / packets));
            cpuBefore = cpuNs;
            packetsBefore = counters.packets();
        }
    }

    private static long captureCpuNs() {
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("hindsight-capture-")) {
                sum += THREADS.getThreadCpuTime(thread.threadId());
            }
        }
        return sum;
    }

    private static void say(String line) {
        System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8), 0, line.length() + 1);
        System.out.flush();
    }

    private static AgentConfig config(String interfaceName, Path folder, CaptureImplementation source) {
        return new AgentConfig(
                new NodeId("benchmark"),
                folder,
                new DataSize(STORAGE_BYTES),
                new DataSize(SLOT_SIZE),
                List.of(interfaceName),
                0,
                "",
                source,
                1,
                DataSize.parse("64Mi"),
                null,
                false,
                new DataSize(0),
                EventsConfig.NONE);
    }
}
