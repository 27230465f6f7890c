package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.EventBusChunkChannel;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.cluster.BusCluster;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast each way of chunks is, and what it costs: by reference, over a lane, over the clustered bus. Both ends in one JVM with an event loop each, over loopback, from a mapped
 * file, to a session that gives each chunk back at once. No test: run it by name, as docs/BENCHMARKS.md says.
 */
class LaneSpeed {
    private static final int SLOTS = 32;
    private static final long WARM_UP_BYTES = 1L << 30;
    private static final long MEASURED_BYTES = 4L << 30;
    private static final int ROUNDS = 3;
    private static final double GIB = 1L << 30;
    private static final double MIB = 1L << 20;

    @TempDir private static Path folder = Path.of("");

    /**
     * A way, open.
     *
     * @param received bytes that the session has got
     * @param loops the event loop of the agent's end, then that of the Hub's
     */
    private record Way(String name, ChunkChannel channel, AtomicLong received, List<Thread> loops) {}

    @Test
    void byReference() throws IOException {
        Vertx vertx = Vertx.vertx();
        vertx.eventBus().registerCodec(new ChunkCodec());
        AtomicLong received = new AtomicLong();
        Context hub = vertx.getOrCreateContext();
        hub.runOnContext(now ->
                vertx.eventBus()
                        .<Chunk>localConsumer(
                                LaneRig.ADDRESS,
                                message -> {
                                    received.addAndGet(message.body().lengthBytes());
                                    message.body().release();
                                }));
        Thread loop =
                Future.<Thread>future(got -> hub.runOnContext(now -> got.complete(Thread.currentThread()))).await();
        try {
            EventBusChunkChannel channel = new EventBusChunkChannel(vertx.eventBus(), LaneRig.ADDRESS);
            measure(new Way("by reference", channel, received, List.of(Thread.currentThread(), loop)), MEASURED_BYTES);
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void plain() throws IOException {
        lane("lane plain", new LaneContract.Ends(new HttpServerOptions(), new NetClientOptions()), MEASURED_BYTES);
    }

    @Test
    void tls() throws IOException {
        lane("lane TLS", LaneCertificate.in(folder).ends(), MEASURED_BYTES / 2);
    }

    private static void lane(String name, LaneContract.Ends ends, long bytes) throws IOException {
        try (LaneRig rig = new LaneRig(ends.hub(), ends.agent())) {
            rig.copying = false;
            ChunkChannel channel = rig.open(rig.order(64L << 20)).await();
            measure(new Way(name, channel, rig.receivedBytes, rig.eventLoops()), bytes);
            channel.close();
            await().until(() -> rig.memory.usedBytes() == 0);
        }
    }

    /** Always with TLS. */
    @Test
    void clustered() throws IOException {
        ClusterKeys keys = new ClusterKeys(Files.createDirectories(folder.resolve("keys")));
        ClusterKeys.Ports hubPorts = ClusterKeys.Ports.free();
        Vertx hub = member(keys.member(hubPorts, hubPorts));
        Vertx agent = member(keys.member(ClusterKeys.Ports.free(), hubPorts));
        try (PieceRig rig = new PieceRig(agent, hub, 64L << 20)) {
            rig.copying = false;
            ChunkChannel channel = rig.open();
            measure(new Way("clustered bus TLS", channel, rig.receivedBytes, rig.eventLoops()), MEASURED_BYTES / 4);
            channel.close();
            await().until(() -> rig.memory.usedBytes() == 0);
        }
    }

    private static Vertx member(BusClusterConfig config) {
        BusCluster cluster = BusCluster.load(config);
        VertxOptions options = new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1);
        return cluster.join(Vertx.builder().with(cluster.apply(options))).await();
    }

    private static void measure(Way way, long bytes) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            List<Chunk> ring = ring(arena);
            send(way, ring, Math.min(WARM_UP_BYTES, bytes));
            for (int round = 0; round < ROUNDS; round++) {
                round(way, ring, bytes);
            }
        }
    }

    private static void round(Way way, List<Chunk> ring, long bytes) {
        long[] before = costs(way);
        long startNs = System.nanoTime();
        send(way, ring, bytes);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        long[] after = costs(way);
        double gib = bytes / GIB;
        System.err.printf(
                "%s: %.2f GiB/s; CPU s/GiB: agent's end %.3f, Hub's end %.3f; allocated on the heap MiB/GiB: %.0f, %.0f%n",
                way.name(),
                gib / seconds,
                (after[0] - before[0]) / 1e9 / gib,
                (after[1] - before[1]) / 1e9 / gib,
                (after[2] - before[2]) / MIB / gib,
                (after[3] - before[3]) / MIB / gib);
    }

    /** CPU of the two ends in ns, then bytes that they have allocated. */
    private static long[] costs(Way way) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long agent = way.loops().get(0).threadId();
        long hub = way.loops().get(1).threadId();
        return new long[] {
            threads.getThreadCpuTime(agent),
            threads.getThreadCpuTime(hub),
            threads.getThreadAllocatedBytes(agent),
            threads.getThreadAllocatedBytes(hub)
        };
    }

    private static void send(Way way, List<Chunk> ring, long bytes) {
        long target = way.received().get();
        for (long sent = 0, next = 0; sent < bytes; next++) {
            Chunk slot = ring.get((int) (next % ring.size()));
            way.channel().send(Chunk.unowned(slot.header(), List.of(slot.parts()))).await();
            sent += slot.lengthBytes();
            target += slot.lengthBytes();
        }
        long all = target;
        await().pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofMinutes(2))
                .until(() -> way.received().get() == all);
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
