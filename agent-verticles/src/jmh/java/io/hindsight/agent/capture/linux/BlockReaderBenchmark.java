package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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

/** The hot loop without a kernel: one block in memory, read into a real ring on {@code /dev/shm}, CRC and commit included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init") // set up by JMH
public class BlockReaderBenchmark {
    private static final int PACKETS = 1_000;
    private static final int STRIDE = 1_024;
    private static final int MAC_OFFSET = 82;
    private static final int HARDWARE_TYPE_ETHERNET = 1;
    private static final int INTERFACE_INDEX = 2;

    @Param({"64", "512"})
    private int length;

    @Param({"false", "true"})
    private boolean tagged;

    private Path folder;
    private Ring ring;
    private RingWriter writer;
    private BlockReader reader;

    @Setup(Level.Trial)
    public void open() throws IOException {
        folder = Files.createTempDirectory(Path.of("/dev/shm"), "hindsight-jmh");
        ring = ring();
        writer = ring.writer(0);
        LinkTable links = new LinkTable(new InterfaceSelection(List.of("any")), 0, "");
        links.put(new Link(INTERFACE_INDEX, "eth0", HARDWARE_TYPE_ETHERNET, true));
        reader = new BlockReader(block(), links, writer, 262_144);
    }

    private Ring ring() {
        return Ring.open(
                new RingSpec(
                        RingSpec.fileIn(folder, ChunkSource.PACKETS),
                        new NodeId("benchmark"),
                        ChunkSource.PACKETS,
                        256L << 20,
                        4 << 20,
                        "benchmark"));
    }

    private MemorySegment block() {
        MemorySegment block = Arena.ofAuto().allocate(2L * PacketSocket.BLOCK_SIZE, 16);
        block.set(ValueLayout.JAVA_INT, TpacketBlockDescriptor.PACKET_COUNT_OFFSET, PACKETS);
        block.set(
                ValueLayout.JAVA_INT, TpacketBlockDescriptor.FIRST_PACKET_OFFSET_OFFSET, TpacketBlockDescriptor.LENGTH);
        for (int i = 0; i < PACKETS; i++) {
            packet(block.asSlice(TpacketBlockDescriptor.LENGTH + (long) i * STRIDE, STRIDE), i);
        }
        return block;
    }

    private void packet(MemorySegment header, int number) {
        header.set(ValueLayout.JAVA_INT, TpacketHeaderDescriptor.NEXT_OFFSET_OFFSET, STRIDE);
        header.set(ValueLayout.JAVA_INT, TpacketHeaderDescriptor.SECONDS_OFFSET, 1_700_000_000);
        header.set(ValueLayout.JAVA_INT, TpacketHeaderDescriptor.NANOS_OFFSET, number);
        header.set(ValueLayout.JAVA_INT, TpacketHeaderDescriptor.CAPTURED_LENGTH_OFFSET, length);
        header.set(ValueLayout.JAVA_INT, TpacketHeaderDescriptor.ORIGINAL_LENGTH_OFFSET, length);
        header.set(ValueLayout.JAVA_SHORT, TpacketHeaderDescriptor.MAC_OFFSET_OFFSET, (short) MAC_OFFSET);
        header.set(
                ValueLayout.JAVA_INT,
                TpacketHeaderDescriptor.STATUS_OFFSET,
                tagged ? TpacketHeaderDescriptor.STATUS_VLAN_VALID : 0);
        long address = TpacketHeaderDescriptor.ADDRESS_OFFSET;
        header.set(ValueLayout.JAVA_INT, address + LinkLayerAddressDescriptor.INTERFACE_INDEX_OFFSET, INTERFACE_INDEX);
        header.set(
                ValueLayout.JAVA_SHORT,
                address + LinkLayerAddressDescriptor.HARDWARE_TYPE_OFFSET,
                (short) HARDWARE_TYPE_ETHERNET);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        writer.close();
        ring.close();
        for (String file : Objects.requireNonNull(folder.toFile().list(), "the folder is there")) {
            Files.delete(folder.resolve(file));
        }
        Files.delete(folder);
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public long readBlock() {
        reader.read(0);
        writer.commit();
        return reader.packets();
    }
}
