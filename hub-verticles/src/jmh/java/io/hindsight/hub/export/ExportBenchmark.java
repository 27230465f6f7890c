package io.hindsight.hub.export;

import io.hindsight.event.KubernetesChange;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.ResolutionBuilder;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.TimeWindow;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One export of the same stored bytes by Hindsight, {@code mergecap} and {@code tcpdump}, each from files to a file, in one run: compare the
 * times. Two nodes with two writers each, so that no chunk stands alone; {@code mergecap} gets a file for each writer.
 *
 * <pre>./mvnw -Pbenchmarks -DskipTests -pl hub-verticles -am integration-test -Djmh.args=ExportBenchmark</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ExportBenchmark {
    private static final int CHUNK_LENGTH = 4 << 20;
    private static final int CHUNKS_PER_WRITER = 12;
    private static final String FILTER = "tcp port 443";

    /** Bytes of a packet. */
    @Param({"64", "600"})
    private int packetLength;

    private Path folder = Path.of("");
    private SnapshotFiles snapshot = new SnapshotFixture(folder).files();
    private final Resolution names = names();

    /** Pods with all addresses that {@link Frames} has. */
    private static Resolution names() {
        ResolutionBuilder builder = new ResolutionBuilder();
        for (int net = 0; net < 2; net++) {
            for (int host = 0; host < 8; host++) {
                String name = "p" + net + "-" + host;
                builder.kubernetesChange(
                        "cluster",
                        KubernetesChanges.whole(
                                KubernetesChange.Kind.ADDED,
                                "Pod",
                                name,
                                1,
                                KubernetesChanges.pod(name, "10.0." + net + "." + host, 1)));
            }
        }
        return builder.build();
    }

    @Setup(Level.Trial)
    public void write() throws IOException {
        folder = Files.createTempDirectory("hindsight-export");
        SnapshotFixture fixture = new SnapshotFixture(folder);
        for (String node : List.of("node-1", "node-2")) {
            List<List<byte[]>> writers = List.of(writer(node, 0), writer(node, 1));
            List<byte[]> chunks = new ArrayList<>();
            for (int i = 0; i < CHUNKS_PER_WRITER; i++) {
                chunks.add(writers.get(0).get(i));
                chunks.add(writers.get(1).get(i));
            }
            fixture.node(node, chunks);
            for (int writer = 0; writer < 2; writer++) {
                Files.write(
                        folder.resolve(node + "-" + writer + ".part"), ChunkFixtures.concatenate(writers.get(writer)));
            }
        }
        snapshot = fixture.files();
        Files.write(folder.resolve("all.part"), ExportTools.export(snapshot, request("")));
    }

    private List<byte[]> writer(String node, int writer) {
        Random random = new Random(node.hashCode() + writer);
        long timeNs = SnapshotFixture.START_NS;
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < CHUNKS_PER_WRITER; i++) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int length = 0; length < CHUNK_LENGTH; length += packetLength + 44) {
                // The kernel hands packets over in bursts: some tens of one writer stand together.
                timeNs += random.nextInt(32) == 0 ? 60_000 : 500;
                byte[] frame = Frames.tcp(random.nextInt(1000), random.nextInt(4) == 0 ? 443 : 80, packetLength - 54);
                packets.add(FixturePacket.ethernet("eth0", timeNs, frame));
            }
            chunks.add(ChunkFixtures.node(node).sequence(1 + 2 * i + writer).writer(writer).packets(packets));
        }
        return chunks;
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
    public Object mergedByHindsight() {
        return ExportTools.exportTo(folder.resolve("out.hindsight"), snapshot, request(""));
    }

    /** With a comment on the first packet of each of 2,000 flows, and a look at every other packet. */
    @Benchmark
    public Object mergedWithNamesByHindsight() {
        ExportPlan plan = Exporter.plan(snapshot, request(""), () -> names);
        return Exporter.exportTo(plan, folder.resolve("out.named"));
    }

    @Benchmark
    public Object filteredByPodByHindsight() {
        MeaningFilter pod = new MeaningFilter(List.of(), List.of("p0-1"), List.of(), List.of(), List.of());
        ExportPlan plan = Exporter.plan(snapshot, request("").about(pod), () -> names);
        return Exporter.exportTo(plan, folder.resolve("out.pod"));
    }

    @Benchmark
    public int mergedByMergecap() {
        List<String> command = new ArrayList<>(List.of("mergecap", "-w", folder.resolve("out.mergecap").toString()));
        for (String part : List.of("node-1-0", "node-1-1", "node-2-0", "node-2-1")) {
            command.add(folder.resolve(part + ".part").toString());
        }
        return run(command);
    }

    @Benchmark
    public Object filteredByHindsight() {
        return ExportTools.exportTo(folder.resolve("out.filtered"), snapshot, request(FILTER));
    }

    @Benchmark
    public int filteredByTcpdump() {
        return run(
                List.of(
                        "tcpdump",
                        "-r",
                        folder.resolve("all.part").toString(),
                        "--time-stamp-precision=nano",
                        "-Z",
                        System.getProperty("user.name"),
                        "-w",
                        folder.resolve("out.tcpdump").toString(),
                        FILTER));
    }

    private static ExportRequest request(String bpf) {
        return new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, bpf);
    }

    private static int run(List<String> command) {
        try {
            int exit =
                    new ProcessBuilder(command)
                            .redirectOutput(new File("/dev/null"))
                            .redirectError(new File("/dev/null"))
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new IllegalStateException(command + " exit=" + exit);
            }
            return exit;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
