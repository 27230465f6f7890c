package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast a lane is, and what it costs: both ends in one JVM, over loopback, from a mapped file, to a session that gives each chunk back at once. No test: run it by
 * name, as docs/BENCHMARKS.md says.
 */
class LaneSpeed {
    private static final int SLOTS = 32;
    private static final long WARM_UP_BYTES = 1L << 30;
    private static final long MEASURED_BYTES = 4L << 30;
    private static final int ROUNDS = 3;
    private static final double GIB = 1L << 30;

    @TempDir private static Path folder = Path.of("");

    @Test
    void plain() throws IOException {
        measure("plain", new LaneContract.Ends(new HttpServerOptions(), new NetClientOptions()), MEASURED_BYTES);
    }

    @Test
    void tls() throws IOException {
        measure("TLS", LaneCertificate.in(folder).ends(), MEASURED_BYTES / 2);
    }

    private static void measure(String name, LaneContract.Ends ends, long bytes) throws IOException {
        try (LaneRig rig = new LaneRig(ends.hub(), ends.agent());
                Arena arena = Arena.ofShared()) {
            rig.copying = false;
            List<Chunk> ring = ring(arena);
            ChunkChannel channel = rig.open(rig.order(64L << 20)).await();
            send(rig, channel, ring, WARM_UP_BYTES);
            for (int round = 0; round < ROUNDS; round++) {
                round(name, rig, channel, ring, bytes);
            }
            channel.close();
            await().until(() -> rig.memory.usedBytes() == 0);
        }
    }

    private static void round(String name, LaneRig rig, ChunkChannel channel, List<Chunk> ring, long bytes) {
        List<Thread> loops = rig.eventLoops();
        long agentNs = cpuNs(loops.get(0));
        long hubNs = cpuNs(loops.get(1));
        long startNs = System.nanoTime();
        send(rig, channel, ring, bytes);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        double gib = bytes / GIB;
        System.err.printf(
                "lane %s: %.2f GiB/s, CPU s/GiB: agent's end %.3f, Hub's end %.3f%n",
                name,
                gib / seconds,
                (cpuNs(loops.get(0)) - agentNs) / 1e9 / gib,
                (cpuNs(loops.get(1)) - hubNs) / 1e9 / gib);
    }

    private static long cpuNs(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    private static void send(LaneRig rig, ChunkChannel channel, List<Chunk> ring, long bytes) {
        long target = rig.receivedBytes.get();
        for (long sent = 0, next = 0; sent < bytes; next++) {
            Chunk slot = ring.get((int) (next % ring.size()));
            channel.send(Chunk.unowned(slot.header(), List.of(slot.parts()))).await();
            sent += slot.lengthBytes();
            target += slot.lengthBytes();
        }
        long all = target;
        await().pollInterval(Duration.ofMillis(1)).until(() -> rig.receivedBytes.get() == all);
    }

    /** Chunks of 4 MiB in a mapped file. */
    private static List<Chunk> ring(Arena arena) throws IOException {
        Random random = new Random(1);
        List<FixturePacket> packets = new ArrayList<>();
        for (int packet = 0; packet < 69; packet++) {
            byte[] data = new byte[60_000];
            random.nextBytes(data);
            packets.add(FixturePacket.ethernet("eth0", packet, data));
        }
        byte[] bytes = ChunkFixtures.node("node-a").packets(packets);
        ChunkHeader header = ChunkFixtures.asChunk(bytes).header();
        List<Chunk> ring = new ArrayList<>();
        try (FileChannel file =
                FileChannel.open(
                        folder.resolve("ring"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, (long) SLOTS * bytes.length, arena);
            for (int slot = 0; slot < SLOTS; slot++) {
                MemorySegment memory = mapped.asSlice((long) slot * bytes.length, bytes.length);
                memory.copyFrom(MemorySegment.ofArray(bytes));
                ByteBuffer view = memory.asByteBuffer();
                ring.add(Chunk.unowned(header, List.of(view)));
            }
        }
        return ring;
    }
}
