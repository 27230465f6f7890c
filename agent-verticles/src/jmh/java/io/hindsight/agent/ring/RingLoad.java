package io.hindsight.agent.ring;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes into a ring at a steady rate for a while and tells how long a batch took at most: what a kernel ring must be able to ride out.
 * Arguments: folder, ring MiB, ready slots, packet length, MB/s, seconds.
 */
public final class RingLoad {
    private static final int BATCH = 64;
    private static final long[] BOUNDS_US = {10, 50, 100, 500, 1_000, 5_000, 20_000, 100_000, Long.MAX_VALUE};

    private RingLoad() {}

    public static void main(String[] args) {
        int length = Integer.parseInt(args[3]);
        long bytesPerSecond = Long.parseLong(args[4]) * 1_000_000;
        long endNs = System.nanoTime() + Long.parseLong(args[5]) * 1_000_000_000L;
        RingSpec spec =
                new RingSpec(
                        RingSpec.fileIn(Path.of(args[0]), ChunkSource.PACKETS),
                        new NodeId("load"),
                        ChunkSource.PACKETS,
                        Long.parseLong(args[1]) << 20,
                        4 << 20,
                        "hindsight load");
        Ring.RingOptions options =
                new Ring.RingOptions(0.5, Integer.parseInt(args[2]), Clock.systemUTC(), System::nanoTime);
        try (Ring ring = Ring.open(spec, options);
                RingWriter writer = ring.writer(0)) {
            System.out.println("pid " + ProcessHandle.current().pid());
            run(writer, length, bytesPerSecond, endNs);
        }
    }

    private static void run(RingWriter writer, int length, long bytesPerSecond, long endNs) {
        CaptureInterface eth0 = new CaptureInterface(0, "eth0", 2, 1, 0, "");
        MemorySegment data = Arena.global().allocate(1 << 20);
        long[] histogram = new long[BOUNDS_US.length];
        long maxNs = 0;
        long behindNs = 0;
        long packets = 0;
        long cpuStart = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long startNs = System.nanoTime();
        long batchNs = BATCH * (long) length * 1_000_000_000L / bytesPerSecond;
        for (long dueNs = startNs; dueNs < endNs; dueNs += batchNs) {
            for (long waitNs = dueNs - System.nanoTime(); waitNs > 0; waitNs = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(waitNs);
            }
            long before = System.nanoTime();
            for (int index = 0; index < BATCH; index++) {
                writer.packet(eth0, before + index, 1, data, (long) index * 2048, length, length);
            }
            writer.commit();
            long after = System.nanoTime();
            packets += BATCH;
            maxNs = Math.max(maxNs, after - before);
            behindNs = Math.max(behindNs, after - dueNs);
            count(histogram, (after - before) / 1_000);
        }
        long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuStart;
        double seconds = (System.nanoTime() - startNs) / 1e9;
        System.out.printf(
                "packets=%d MB/s=%.0f cpu ns/packet=%.0f slowest batch ms=%.1f most behind ms=%.1f%n",
                packets, packets * length / seconds / 1e6, (double) cpuNs / packets, maxNs / 1e6, behindNs / 1e6);
        for (int index = 0; index < histogram.length; index++) {
            System.out.printf("  <= %d us: %d%n", BOUNDS_US[index], histogram[index]);
        }
    }

    private static void count(long[] histogram, long us) {
        int index = 0;
        while (us > BOUNDS_US[index]) {
            index++;
        }
        histogram[index]++;
    }
}
