package io.hindsight.config;

import io.hindsight.chunk.NodeId;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent needs to know. Immutable; validated by {@link ConfigProblems} when it is made.
 *
 * @param node this node's name; default: the host's
 * @param ringDirectory where the rings lie: {@code DIR/ring}
 * @param storageSize all rings together; default 1Gi, at least 16Mi
 * @param slotSize one chunk of packets; default 4Mi, a power of two from 256Ki to 64Mi
 * @param interfaces names, globs ({@code eth*}, {@code veth?}), or {@code any}; default {@code any}
 * @param snapLength bytes kept of each packet; 0: all (at most 262,144)
 * @param captureFilter BPF expression, empty: everything
 * @param source which implementation captures
 * @param captureThreads members of the fan-out group; 0: chosen from the number of processors
 * @param kernelBuffer kernel capture ring of each thread; default 64Mi
 * @param replay a pcap or pcapng file to record from instead of interfaces, or null
 * @param replayFullSpeed as fast as it goes, instead of by the file's own clock
 * @param maxRate bytes a second that are sent for snapshots, all together; 0: as fast as it goes
 * @param events which events are recorded beside packets
 */
public record AgentConfig(
        NodeId node,
        Path ringDirectory,
        DataSize storageSize,
        DataSize slotSize,
        List<String> interfaces,
        int snapLength,
        String captureFilter,
        CaptureImplementation source,
        int captureThreads,
        DataSize kernelBuffer,
        @Nullable Path replay,
        boolean replayFullSpeed,
        DataSize maxRate,
        EventsConfig events) {
    /** Which packet source records. */
    public enum CaptureImplementation {
        /** AF_PACKET where the kernel allows it, else pcap4j; the log and the status say which. */
        AUTO,
        AF_PACKET,
        PCAP4J
    }

    public AgentConfig {
        interfaces = List.copyOf(interfaces);
        new ConfigProblems("agent")
                .check(storageSize.bytes() >= 16L << 20, "storage-size", "is at least 16Mi, got " + storageSize)
                .check(
                        slotSize.bytes() >= 256L << 10
                                && slotSize.bytes() <= 64L << 20
                                && Long.bitCount(slotSize.bytes()) == 1,
                        "slot-size",
                        "is a power of two from 256Ki to 64Mi, got " + slotSize)
                .check(
                        storageSize.bytes() / 4 >= slotSize.bytes(),
                        "slot-size",
                        "is at most a quarter of storage-size, got " + slotSize + " of " + storageSize)
                .check(!interfaces.isEmpty(), "interface", "names at least one interface, glob or \"any\"")
                .check(snapLength >= 0 && snapLength <= 262_144, "snap-length", "is 0 to 262144, got " + snapLength)
                .check(
                        captureThreads >= 0 && captureThreads <= 64,
                        "capture-threads",
                        "is 0 to 64, got " + captureThreads)
                .check(
                        kernelBuffer.bytes() >= 2L << 20 && kernelBuffer.bytes() <= 4L << 30,
                        "kernel-buffer",
                        "is 2Mi to 4Gi, got " + kernelBuffer)
                .check(
                        maxRate.bytes() == 0 || maxRate.bytes() >= 64L << 10,
                        "max-rate",
                        "is 0 or at least 64Ki a second, got " + maxRate)
                .throwIfAny();
    }
}
