package io.hindsight.agent.ring;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
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
 * What one packet costs in the recorder: EPB, copy, CRC, commit for each block of 64, slots recycled all the while, on the file system of
 * the system's temporary folder ({@code -Djava.io.tmpdir} chooses another).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open() first.
public class RingWriterBenchmark {
    private static final int BLOCK = 64;
    private static final CaptureInterface ETH0 = new CaptureInterface(0, "eth0", 2, 1, 0, "");

    @Param({"64", "1500"})
    public int packetLength;

    @Param({"0", "8"})
    public int readySlots;

    @Param({"512"})
    public int ringMiB;

    private Path folder;
    private Ring ring;
    private RingWriter writer;
    private MemorySegment data;
    private long timestampNs;

    @Setup(Level.Iteration)
    public void open() throws IOException {
        folder = Files.createTempDirectory("hindsight-ring");
        RingSpec spec =
                new RingSpec(
                        RingSpec.fileIn(folder, ChunkSource.PACKETS),
                        new NodeId("bench"),
                        ChunkSource.PACKETS,
                        (long) ringMiB << 20,
                        4 << 20,
                        "hindsight bench");
        ring = Ring.open(spec, new Ring.RingOptions(0.5, readySlots, Clock.systemUTC(), System::nanoTime));
        writer = ring.writer(0);
        data = Arena.global().allocate(1 << 20);
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        writer.close();
        ring.close();
        Files.delete(ring.spec().file());
        Files.delete(Path.of(ring.spec().file() + ".lock"));
        Files.delete(folder);
    }

    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void block() {
        for (int index = 0; index < BLOCK; index++) {
            writer.packet(ETH0, timestampNs++, 1, data, (long) index * 2048, packetLength, packetLength);
        }
        writer.commit();
    }
}
