package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.replay.ReplaySource;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReplaySourceTest {
    private static final int MICROSECOND_MAGIC = 0xA1B2C3D4;
    private static final int NANOSECOND_MAGIC = 0xA1B23C4D;
    private static final int ETHERNET = 1;
    private static final int RAW = 101;
    private static final byte[] DATA = {1, 2, 3, 4, 5};

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final CollectingSink sink = new CollectingSink();

    static Stream<ByteOrder> orders() {
        return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReplayPcap(ByteOrder order) throws Exception {
        replay(
                new CaptureFiles(order)
                        .pcapHeader(MICROSECOND_MAGIC, RAW)
                        .pcapPacket(1, 2, 9, DATA)
                        .pcapPacket(-1, 999_999, 5, DATA)
                        .toBytes());
        assertThat(sink.packets("replay"))
                .containsExactly(
                        new SeenPacket(1_000_002_000L, 9, "0102030405"),
                        new SeenPacket(4_294_967_295_999_999_000L, 5, "0102030405"));
        assertThat(sink.committed().getFirst().networkInterface().linkType()).isEqualTo(RAW);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReplayNanosecondPcap(ByteOrder order) throws Exception {
        replay(new CaptureFiles(order).pcapHeader(NANOSECOND_MAGIC, ETHERNET).pcapPacket(1, 2, 9, DATA).toBytes());
        assertThat(sink.packets("replay")).containsExactly(new SeenPacket(1_000_000_002L, 9, "0102030405"));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReplayPcapngWithSectionsInterfacesAndOldBlocks(ByteOrder order) throws Exception {
        byte[] first =
                new CaptureFiles(order)
                        .section()
                        .description("eth0", ETHERNET, 4, -1, 0)
                        .description("tun0", RAW, 0, 9, 0)
                        .enhanced(1, 7_000_000_001L, 9, EnhancedPacketBlockDescriptor.DIRECTION_OUTBOUND, DATA)
                        .enhanced(0, 7_000_002L, 9, EnhancedPacketBlockDescriptor.DIRECTION_INBOUND, DATA)
                        .simple(9, (byte) 1, (byte) 2, (byte) 3, (byte) 4)
                        .obsolete(1, 8_000_000_001L, 9, DATA)
                        .toBytes();
        byte[] second =
                new CaptureFiles(other(order))
                        .section()
                        .description("eth0", ETHERNET, 0, 6, 1)
                        .enhanced(0, 9_000_000L, 5, 0, DATA)
                        .toBytes();
        replay(concat(first, second));
        assertThat(sink.packets("tun0"))
                .containsExactly(
                        new SeenPacket(7_000_000_001L, 9, "0102030405"),
                        new SeenPacket(8_000_000_001L, 9, "0102030405"));
        assertThat(sink.packets("eth0"))
                .containsExactly(
                        new SeenPacket(7_000_002_000L, 9, "0102030405"),
                        new SeenPacket(7_000_002_000L, 9, "01020304"),
                        new SeenPacket(10_000_000_000L, 5, "0102030405"));
        assertThat(sink.committed().stream().map(CollectingSink.Collected::direction)).containsExactly(2, 1, 0, 0, 0);
        assertThat(sink.committed().stream().map(each -> each.networkInterface().id()).distinct())
                .as("one identity over both sections")
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5, 5000000000",
        "3, 5, 5000000",
        "6, 5, 5000",
        "9, 5, 5",
        "12, 5999, 5",
        "60, 5, 0",
        "128, 5, 5000000000",
        "138, 1024, 1000000000",
        "159, 4611686018427387904, 2147483648000000000",
        "255, 9, 0"
    })
    void shouldConvertEveryResolution(int resolution, long ticks, long timestampNs) throws Exception {
        replay(
                new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .description("eth0", ETHERNET, 0, resolution, 0)
                        .enhanced(0, ticks, 5, 0, DATA)
                        .toBytes());
        assertThat(sink.packets("eth0")).containsExactly(new SeenPacket(timestampNs, 5, "0102030405"));
    }

    @Test
    void shouldApplyInterfacesFilterAndSnapLength() throws Exception {
        byte[] file =
                new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .description("eth0", ETHERNET, 0, 9, 0)
                        .description("eth1", ETHERNET, 0, 9, 0)
                        .enhanced(0, 1, 100, 0, Arrays.copyOf(DATA, 60))
                        .enhanced(0, 2, 200, 0, Arrays.copyOf(DATA, 60))
                        .enhanced(1, 3, 200, 0, Arrays.copyOf(DATA, 60))
                        .toBytes();
        run(config(write(file), "eth0", 4, "greater 150", true));
        assertThat(sink.packets("eth0")).containsExactly(new SeenPacket(2, 200, "01020304"));
        assertThat(sink.committed()).hasSize(1);
    }

    @Test
    void shouldNotBeConcernedByACapturePolicy() throws Exception {
        Path file =
                write(
                        new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                                .pcapHeader(MICROSECOND_MAGIC, ETHERNET)
                                .pcapPacket(100, 0, 5, DATA)
                                .toBytes());
        try (PacketSource source = started(config(file, "any", 0, "", true))) {
            assertThatThrownBy(() -> source.filter(CaptureFilter.of("udp")))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
        }
    }

    @Test
    void shouldKeepTheFilesPace() throws Exception {
        Path file =
                write(
                        new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                                .pcapHeader(MICROSECOND_MAGIC, ETHERNET)
                                .pcapPacket(100, 0, 5, DATA)
                                .pcapPacket(100, 400_000, 5, DATA)
                                .pcapPacket(200, 0, 5, DATA)
                                .toBytes());
        long startNs = System.nanoTime();
        try (PacketSource source = started(config(file, "any", 0, "", false))) {
            await().until(() -> sink.committed().size() == 1);
            await().until(() -> sink.committed().size() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
            assertThat(source.drain(5_000)).isTrue();
            assertThat(source.counters().finished()).isFalse();
            assertThat(source.counters().running()).isTrue();
        }
        assertThat(sink.committed()).as("the third packet's turn was 100 s later").hasSize(2);
    }

    @Test
    void shouldReplayWhatEditcapWrites() throws Exception {
        Tools.require("editcap");
        Path pcap =
                write(
                        new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                                .pcapHeader(NANOSECOND_MAGIC, ETHERNET)
                                .pcapPacket(1_700_000_000, 123_456_789, 60, Arrays.copyOf(DATA, 60))
                                .pcapPacket(1_700_000_001, 1, 90, Arrays.copyOf(DATA, 61))
                                .toBytes());
        run(config(pcap, "any", 0, "", true));
        List<SeenPacket> expected = sink.packets("replay");
        for (String format : List.of("pcapng", "nsecpcap")) {
            Path converted = folder.resolve("converted." + format);
            Tools.run("editcap", "-F", format, pcap.toString(), converted.toString()).succeeded();
            CollectingSink other = new CollectingSink();
            run(config(converted, "any", 0, "", true), other);
            assertThat(other.committed().stream().map(CollectingSink.Collected::packet))
                    .as(format)
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void shouldNameFileAndOffsetOfWhatIsBroken() throws Exception {
        byte[] whole =
                new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                        .pcapHeader(MICROSECOND_MAGIC, ETHERNET)
                        .pcapPacket(1, 0, 5, DATA)
                        .pcapPacket(2, 0, 5, DATA)
                        .toBytes();
        Path file = write(Arrays.copyOf(whole, whole.length - 1));
        try (PacketSource source = started(config(file, "any", 0, "", true))) {
            await().until(() -> source.counters().failure() != null);
            assertThat(source.counters().failure()).contains(file.toString(), "offset=45");
            assertThat(source.counters().finished()).isFalse();
        }
        assertThat(sink.committed()).as("what came before").hasSize(1);
    }

    /** Whatever one changed number does to a file, the replay ends, by itself or with words. */
    @Test
    void shouldEndOnWhateverBytes() throws Exception {
        byte[] whole =
                new CaptureFiles(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .description("eth0", ETHERNET, 0, 9, 0)
                        .enhanced(0, 1, 5, 1, DATA)
                        .obsolete(0, 1, 5, DATA)
                        .simple(5, DATA)
                        .toBytes();
        for (int i = 0; i < whole.length; i++) {
            for (int value : new int[] {0, 0xFF}) {
                byte[] changed = whole.clone();
                changed[i] = (byte) value;
                replayWhatever(changed);
            }
        }
    }

    private void replayWhatever(byte[] bytes) throws Exception {
        try (PacketSource source = started(config(write(bytes), "any", 0, "", true))) {
            await().pollInterval(Duration.ofMillis(1)).until(() -> !source.counters().running());
            assertThat(source.counters().finished()).isEqualTo(source.counters().failure() == null);
        } catch (HindsightException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
        }
    }

    @Test
    void shouldRefuseWhatIsNoCaptureFile() throws Exception {
        Path text = write("#!/bin/sh\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> started(config(text, "any", 0, "", true)))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining(text.toString());
        Path absent = folder.resolve("absent.pcap");
        assertThatThrownBy(() -> started(config(absent, "any", 0, "", true)))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining(absent.toString());
    }

    private static ByteOrder other(ByteOrder order) {
        return order == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("capture"), bytes);
    }

    private void replay(byte[] file) throws Exception {
        run(config(write(file), "any", 0, "", true));
    }

    private void run(AgentConfig config) {
        run(config, sink);
    }

    private void run(AgentConfig config, CollectingSink into) {
        try (PacketSource source = new ReplaySource(config)) {
            source.start(List.of(into));
            await().until(() -> source.counters().finished() || source.counters().failure() != null);
            assertThat(source.counters().failure()).isNull();
            assertThat(source.counters().packets()).isEqualTo(into.committed().size());
        }
    }

    private PacketSource started(AgentConfig config) {
        PacketSource source = new ReplaySource(config);
        try {
            source.start(List.of(sink));
            return source;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static AgentConfig config(Path file, String interfaces, int snapLength, String filter, boolean fullSpeed) {
        return new AgentConfig(
                new NodeId("node-1"),
                Objects.requireNonNull(file.getParent(), "folder"),
                DataSize.parse("16Mi"),
                DataSize.parse("1Mi"),
                List.of(interfaces),
                snapLength,
                filter,
                CaptureImplementation.AUTO,
                1,
                DataSize.parse("2Mi"),
                file,
                fullSpeed,
                new DataSize(0),
                EventsConfig.NONE);
    }
}
