package io.hindsight.hub.flow;

import static io.hindsight.hub.testing.PacketBytes.IPV4;
import static io.hindsight.hub.testing.PacketBytes.ethernet;
import static io.hindsight.hub.testing.PacketBytes.ipv4;
import static io.hindsight.hub.testing.PacketBytes.tcp;

import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The flows of a million stored TCP segments by Hindsight and, of the same bytes, conversations by {@code tshark}: ns for a packet. {@code -prof gc} tells what a
 * packet allocates; with many flows, times packets by flows, what a flow does.
 *
 * <pre>./mvnw -Pbenchmarks -DskipTests -pl hub-verticles -am integration-test -Djmh.args="FlowBenchmark -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class FlowBenchmark {
    private static final int PACKETS = 1_000_000;
    private static final int PACKETS_PER_CHUNK = 25_000;

    /** Different 5-tuples. */
    @Param({"1000", "200000"})
    private int flows;

    private Path folder = Path.of("");
    private SnapshotFiles snapshot = new FlowFixture(folder).files();

    @Setup(Level.Trial)
    public void write() throws IOException {
        folder = Files.createTempDirectory("hindsight-flows");
        Random random = new Random(flows);
        List<byte[]> chunks = new ArrayList<>();
        for (int chunk = 0; chunk < PACKETS / PACKETS_PER_CHUNK; chunk++) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int i = 0; i < PACKETS_PER_CHUNK; i++) {
                long timeNs = FlowFixture.START_NS + 1_000L * ((long) chunk * PACKETS_PER_CHUNK + i);
                packets.add(FixturePacket.ethernet("eth0", timeNs, frame(random.nextInt(flows), chunk)));
            }
            chunks.add(ChunkFixtures.node("node-1").sequence(chunk + 1).packets(packets));
        }
        Path file = Files.write(folder.resolve("node-1.pcapng"), ChunkFixtures.concatenate(chunks));
        snapshot =
                new SnapshotFiles(
                        "s1",
                        "flows",
                        EpochNanos.toInstant(0),
                        EpochNanos.toInstant(Long.MAX_VALUE),
                        List.of(new SnapshotFiles.NodeFile("node-1", file, List.of(), null, 0)),
                        List.of());
    }

    private static byte[] frame(int flow, int chunk) {
        int client = 0x0A00_0000 + flow / 20_000;
        return ethernet(
                IPV4,
                ipv4(client, 0x0A01_0001, 6, tcp(30_000 + flow % 20_000, 443, TcpFlags.ACK, chunk * 100, 1, 100)));
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public Object byHindsight() {
        return FlowComputation.run(snapshot, FlowFixture.EVERYTHING, Resolution.NONE, FlowLimits.DEFAULTS, () -> false);
    }

    @Benchmark
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @OperationsPerInvocation(PACKETS)
    public int byTshark() throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder(
                                "tshark",
                                "-n",
                                "-q",
                                "-z",
                                "conv,tcp",
                                "-r",
                                folder.resolve("node-1.pcapng").toString())
                        .redirectOutput(new File("/dev/null"))
                        .redirectError(new File("/dev/null"))
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("exit=" + exit);
        }
        return exit;
    }
}
