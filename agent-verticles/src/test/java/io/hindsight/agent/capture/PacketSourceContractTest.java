package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every packet source of a live interface does, shown on a veth pair between two network namespaces. What {@code tcpdump -w} saw on
 * the same interface between two marker frames is what the source must have handed over: byte for byte, to the nanosecond.
 */
abstract class PacketSourceContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Packets that the traffic of kind {@code mixed} and two markers make. */
    private static final int MIXED_AND_MARKERS = 196;

    private static final int WITNESS_SNAP_LENGTH = 262_144;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path traffic;

    private NetworkNamespace here;
    private NetworkNamespace there;

    /** The source under test. */
    abstract PacketSource source(AgentConfig config);

    /** What makes the kernel stamp packets on arrival, where the source does not. */
    abstract Stamping stamping() throws IOException;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "tcpdump", "python3");
        traffic = folder.resolve("traffic.py");
        try (InputStream script = PacketSourceContractTest.class.getResourceAsStream("traffic.py")) {
            Files.copy(Objects.requireNonNull(script, "traffic.py"), traffic);
        }
        here = new NetworkNamespace();
        there = new NetworkNamespace();
        here.connect("hsa", there, "hsb");
    }

    @AfterEach
    void disconnect() {
        for (NetworkNamespace namespace : new NetworkNamespace[] {here, there}) {
            if (namespace != null) {
                namespace.close();
            }
        }
    }

    /** UDP of all sizes, one and two VLAN tags, raw Ethernet, IPv6, fragments. */
    @ParameterizedTest
    @ValueSource(strings = {"hsa", "any", "hs*", "hsa,lo"})
    void shouldSeeWhatTcpdumpSees(String interfaces) throws Exception {
        compare(config(interfaces, 0, ""), "hsa", "mixed");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 60, 1_000})
    void shouldCutAtTheSnapLength(int snapLength) throws Exception {
        AgentConfig config = config("hsa", snapLength, "");
        List<SeenPacket> expected;
        try (Recording recording = new Recording(config, "hsa")) {
            expected = recording.between(() -> send("mixed"));
        }
        assertThat(expected).allMatch(packet -> packet.hex().length() <= 2 * snapLength);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"udp port 53", "vlan and udp port 53", "vlan 7 and vlan 5", "not udp", "ip6 or greater 1000"})
    void shouldFilterAsTcpdumpDoes(String filter) throws Exception {
        compare(config("hsa", 0, withMarkers(filter)), "hsa", "mixed");
    }

    @Test
    void shouldFilterOnEveryInterface() throws Exception {
        compare(config("any", 0, withMarkers("vlan 5 or udp port 53")), "hsa", "mixed");
    }

    private static String withMarkers(String filter) {
        return "(ether proto 0x88b5) or (" + filter + ")";
    }

    @Test
    void shouldSeeBulkTcpAsTheInterfaceDoes() throws Exception {
        Tools.require("iperf3");
        here.run("ip", "address", "add", "10.99.0.1/24", "dev", "hsa");
        there.run("ip", "address", "add", "10.99.0.2/24", "dev", "hsb");
        try (Recording recording = new Recording(config("hsa", 0, ""), "hsa")) {
            List<SeenPacket> seen = recording.betweenUnstamped(this::bulkTcp);
            assertThat(seen.stream().mapToInt(SeenPacket::originalLength).max().orElse(0))
                    .as("segments joined by offload")
                    .isGreaterThan(10_000);
        }
    }

    private void bulkTcp() throws Exception {
        Process server =
                new ProcessBuilder(here.command("iperf3", "-s", "-1", "-B", "10.99.0.1"))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectErrorStream(true)
                        .start();
        try {
            await().atMost(PATIENCE)
                    .until(() ->
                            Tools.run(there.command("iperf3", "-c", "10.99.0.1", "-n", "8M").toArray(String[]::new))
                                            .exit()
                                    == 0);
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    void shouldSeeLoopbackOnce() throws Exception {
        try (Recording recording = new Recording(config("any", 0, ""), "lo")) {
            List<SeenPacket> seen =
                    recording.between(() -> here.run("ping", "-q", "-c", "5", "-i", "0.01", "127.0.0.1"), here, "lo");
            assertThat(seen).hasSize(2 + 10);
        }
    }

    @Test
    void shouldFollowInterfacesThatComeAndGo() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (PacketSource source = started(config("hsx*", 0, ""), sink)) {
            assertThat(source.counters().interfaces()).isEmpty();
            CaptureInterface first = appearAndSend(source, sink);
            here.run("ip", "link", "delete", "hsx1");
            await().atMost(PATIENCE).until(() -> source.counters().interfaces().isEmpty());
            CaptureInterface second = appearAndSend(source, sink);
            assertThat(second).isNotEqualTo(first);
            assertThat(second.id()).isNotEqualTo(first.id());
            assertThat(source.counters().running()).isTrue();
        }
        assertThat(sink.committed()).allMatch(each -> each.networkInterface().name().equals("hsx1"));
    }

    @Test
    void shouldFollowItsOnlyInterface() throws Exception {
        CollectingSink sink = new CollectingSink();
        here.connect("hsx1", there, "hsy1");
        try (PacketSource source = started(config("hsx1", 0, ""), sink)) {
            CaptureInterface first = source.counters().interfaces().getFirst();
            here.run("ip", "link", "delete", "hsx1");
            await().atMost(PATIENCE).until(() -> source.counters().interfaces().isEmpty());
            CaptureInterface second = appearAndSend(source, sink);
            assertThat(second).isNotEqualTo(first);
        }
    }

    /** Makes {@code hsx1}, sends through it until it is recorded from. */
    private CaptureInterface appearAndSend(PacketSource source, CollectingSink sink) {
        int before = sink.committed().size();
        here.connect("hsx1", there, "hsy1");
        await().atMost(PATIENCE).until(() -> source.counters().interfaces().size() == 1);
        await().atMost(PATIENCE)
                .until(() -> {
                    send(there, "hsy1", "marker", 1);
                    return sink.committed().stream()
                            .skip(before)
                            .anyMatch(each -> each.packet().hex().contains(markerHex("hsy1", 1)));
                });
        return source.counters().interfaces().getFirst();
    }

    @Test
    void shouldCountWhatTheKernelDrops() throws Exception {
        int sent = 6_000;
        CollectingSink sink = new CollectingSink();
        CountDownLatch stall = new CountDownLatch(1);
        sink.stall(stall);
        try (PacketSource source = started(smallBuffer("ether proto 0x88b5"), sink)) {
            send(there, "hsb", "flood", sent);
            stall.countDown();
            await().atMost(PATIENCE).until(() -> source.counters().packets() + source.counters().kernelDrops() == sent);
            assertThat(source.counters().kernelDrops()).isPositive();
            assertThat(sink.kernelDrops()).isEqualTo(source.counters().kernelDrops());
        } finally {
            stall.countDown();
        }
        assertThat(sink.committed()).hasSize(sent - (int) sink.kernelDrops());
    }

    @Test
    void shouldDrainWhatWasSentBefore() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (PacketSource source = started(config("hsa", 0, "ether proto 0x88b5"), sink)) {
            for (int round = 1; round <= 5; round++) {
                send(there, "hsb", "small", 100);
                assertThat(source.drain(5_000)).isTrue();
                assertThat(sink.committed()).hasSize(100 * round);
            }
        }
    }

    @Test
    void shouldCommitEverythingWhenClosed() throws Exception {
        CollectingSink sink = new CollectingSink();
        PacketSource source = started(config("hsa", 0, "ether proto 0x88b5"), sink);
        send(there, "hsb", "small", 100);
        source.close();
        source.close();
        assertThat(sink.committed()).hasSize(100);
        assertThat(source.counters().running()).isFalse();
        assertThat(source.counters().failure()).isNull();
    }

    @Test
    void shouldRefuseAFilterWithLibpcapsWords() {
        assertThatThrownBy(() -> started(config("hsa", 0, "udp portt 53"), new CollectingSink()))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER))
                .hasMessageContaining("libpcap");
    }

    /** How many changes of the filter the traffic sees at least: each waits for what came before, where packets are judged in user space. */
    abstract int filterChanges();

    /** What is to be kept comes without a hole; what is not does not come at all while a filter says so. */
    @Test
    void shouldChangeTheFilterWithoutMissingAPacket() throws Exception {
        int sent = 8_000;
        CollectingSink sink = new CollectingSink();
        List<long[]> closedNs = new ArrayList<>();
        try (PacketSource source = started(config("hsa", 0, "udp"), sink)) {
            source.filter(CaptureFilter.of("udp"));
            Thread sender = Thread.ofPlatform().start(() -> send(there, "hsb", "pairs", sent));
            for (int change = 0; change < filterChanges() || sender.isAlive(); change += 2) {
                source.filter(withoutThird(change));
                long fromNs = EpochNanos.of(Instant.now());
                parkMs(4);
                long toNs = EpochNanos.of(Instant.now());
                source.filter(CaptureFilter.of("udp"));
                closedNs.add(new long[] {fromNs, toNs});
                parkMs(4);
            }
            sender.join();
            assertThat(source.drain(5_000)).isTrue();
            assertThat(source.counters().kernelDrops()).isZero();
        }
        assertThat(numbers(sink, 2)).isEqualTo(IntStream.range(0, sent).boxed().toList());
        List<Long> third = packets(sink, 3).map(SeenPacket::timestampNs).toList();
        assertThat(third).hasSizeBetween(1, sent - 1);
        for (long[] closed : closedNs) {
            assertThat(third).noneMatch(timeNs -> timeNs >= closed[0] && timeNs <= closed[1]);
        }
    }

    private static CaptureFilter withoutThird(int number) {
        IpAddress second = IpAddress.parse("10.99.0.2").orElseThrow();
        IpAddress third = IpAddress.parse("10.99.0.3").orElseThrow();
        return switch (number % 3) {
            case 0 -> new CaptureFilter("udp", "", null, Set.of(third), Set.of());
            case 1 -> new CaptureFilter("udp", "", Set.of(second), Set.of(), Set.of());
            default -> new CaptureFilter("udp", "not src host 10.99.0.3", null, Set.of(), Set.of());
        };
    }

    private static void parkMs(int ms) {
        LockSupport.parkNanos(Duration.ofMillis(ms).toNanos()); // so that packets come under this filter
    }

    private static Stream<SeenPacket> packets(CollectingSink sink, int host) {
        String source = "0a6300%02x0a630001".formatted(host);
        return sink.packets("hsa").stream().filter(packet -> packet.hex().startsWith(source, 2 * 26));
    }

    private static List<Integer> numbers(CollectingSink sink, int host) {
        return packets(sink, host)
                .map(packet -> Integer.parseUnsignedInt(packet.hex().substring(2 * 42, 2 * 46), 16))
                .toList();
    }

    @Test
    void shouldBeginWithTheFilter() throws Exception {
        CollectingSink sink = new CollectingSink();
        AgentConfig config = config("hsa", 0, "");
        PacketSource source = source(config);
        source.filter(withoutThird(0));
        try (source) {
            here.call(() -> {
                source.start(List.of(sink));
                return source;
            });
            send(there, "hsb", "pairs", 100);
            assertThat(source.drain(5_000)).isTrue();
        }
        assertThat(numbers(sink, 2)).hasSize(100);
        assertThat(numbers(sink, 3)).isEmpty();
    }

    @Test
    void shouldKeepItsFilterWhereAnotherIsRefused() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (PacketSource source = started(config("hsa", 0, "udp"), sink)) {
            source.filter(withoutThird(1));
            CaptureFilter broken = new CaptureFilter("udp", "udp portt 53", null, Set.of(), Set.of());
            assertThatThrownBy(() -> source.filter(broken))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER));
            send(there, "hsb", "pairs", 100);
            assertThat(source.drain(5_000)).isTrue();
            assertThat(source.counters().running()).isTrue();
        }
        assertThat(numbers(sink, 2)).hasSize(100);
        assertThat(numbers(sink, 3)).isEmpty();
    }

    @Test
    void shouldRefuseAFilterWhenItHasStopped() throws Exception {
        PacketSource source = started(config("hsa", 0, ""), new CollectingSink());
        source.close();
        assertThatThrownBy(() -> source.filter(withoutThird(0)))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_FAILED));
    }

    @Test
    void shouldNameTheInterfacesThatThereAre() {
        assertThatThrownBy(() -> started(config("hsz", 0, ""), new CollectingSink()))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("hsz")
                .hasMessageContaining("hsa")
                .hasMessageContaining("lo");
    }

    private void compare(AgentConfig config, String interfaceName, String kind) throws Exception {
        try (Recording recording = new Recording(config, interfaceName)) {
            recording.between(() -> send(kind));
        }
    }

    private void send(String kind) {
        send(there, "hsb", kind, 1);
    }

    /** Sends from the other end of a pair. */
    void send(String interfaceName, String kind, int count) {
        send(there, interfaceName, kind, count);
    }

    /** Bounds the memory for programs of a socket in the namespace; skips the test where the kernel has one bound for all. */
    void limitPrograms(int bytes) {
        Assumptions.assumeTrue(
                Tools.run(here.command("test", "-e", "/proc/sys/net/core/optmem_max").toArray(String[]::new)).exit()
                        == 0,
                "net.core.optmem_max belongs to a namespace since Linux 6.9");
        here.run("sysctl", "-q", "-w", "net.core.optmem_max=" + bytes);
    }

    /** Makes a further pair: one end here, its peer there. */
    void appear(String interfaceName, String peer) {
        here.connect(interfaceName, there, peer);
    }

    private void send(NetworkNamespace from, String interfaceName, String kind, int count) {
        from.run("python3", traffic.toString(), interfaceName, kind, Integer.toString(count));
    }

    private static String markerHex(String interfaceName, int number) {
        String text = String.format("marker %s %08d", interfaceName, number);
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    PacketSource started(AgentConfig config, CollectingSink sink) throws Exception {
        return startedWith(config, List.of(sink));
    }

    /** Starts the source in the namespace {@code here}. */
    PacketSource startedWith(AgentConfig config, List<? extends PacketSink> sinks) throws Exception {
        PacketSource source = source(config);
        try {
            here.call(() -> {
                source.start(List.copyOf(sinks));
                return source;
            });
        } catch (Exception e) {
            source.close();
            throw e;
        }
        return source;
    }

    AgentConfig config(String interfaces, int snapLength, String filter) {
        return config(interfaces, snapLength, filter, DataSize.parse("16Mi"));
    }

    private AgentConfig smallBuffer(String filter) {
        return config("hsa", 0, filter, DataSize.parse("2Mi"));
    }

    private AgentConfig config(String interfaces, int snapLength, String filter, DataSize kernelBuffer) {
        return new AgentConfig(
                new NodeId("node-1"),
                folder.resolve("ring"),
                DataSize.parse("16Mi"),
                DataSize.parse("1Mi"),
                List.of(interfaces.split(",")),
                snapLength,
                filter,
                CaptureImplementation.AUTO,
                1,
                kernelBuffer,
                null,
                false,
                new DataSize(0),
                EventsConfig.NONE);
    }

    private static int compareNearly(SeenPacket one, SeenPacket other) {
        boolean near = Math.abs(one.timestampNs() - other.timestampNs()) < Duration.ofMillis(5).toNanos();
        return near && one.hex().equals(other.hex()) && one.originalLength() == other.originalLength() ? 0 : -1;
    }

    /** What makes the kernel stamp packets, until closed. */
    interface Stamping extends AutoCloseable {
        @Override
        void close();
    }

    /** Something that sends packets. */
    private interface Sender {
        void send() throws Exception;
    }

    /** A source and a tcpdump on the same interface. */
    private final class Recording implements AutoCloseable {
        private final CollectingSink sink = new CollectingSink();
        private final String interfaceName;
        private final Stamping stamping;
        private final PacketSource source;
        private final Tcpdump tcpdump;
        private final boolean marksAreCut;

        Recording(AgentConfig config, String interfaceName) throws Exception {
            this.interfaceName = interfaceName;
            stamping = stamping();
            source = started(config, sink);
            int snapLength = config.snapLength() == 0 ? WITNESS_SNAP_LENGTH : config.snapLength();
            marksAreCut = snapLength < WITNESS_SNAP_LENGTH;
            tcpdump = new Tcpdump(here, folder, interfaceName, snapLength, config.captureFilter());
        }

        List<SeenPacket> between(Sender sender) throws Exception {
            return between(sender, there, "hsb");
        }

        /** What both saw between two markers, if it is the same. */
        List<SeenPacket> between(Sender sender, NetworkNamespace marking, String marker) throws Exception {
            mark(sender, marking, marker);
            if (marksAreCut) {
                return compareAll();
            }
            List<SeenPacket> witnessed = between(witnessed(marker), marker);
            List<SeenPacket> collected = between(sink.packets(interfaceName), marker);
            assertThat(witnessed).hasSizeGreaterThan(2);
            assertThat(collected).containsExactlyElementsOf(witnessed);
            return collected;
        }

        /**
         * As {@link #between}, for TCP between two namespaces: its packets carry their departure time across a veth pair, which Linux
         * does not take for an arrival time, so each socket stamps those that arrive by itself. Bytes are the same, times nearly.
         */
        List<SeenPacket> betweenUnstamped(Sender sender) throws Exception {
            mark(sender, there, "hsb");
            List<SeenPacket> witnessed = byContent(between(witnessed("hsb"), "hsb"));
            List<SeenPacket> collected = byContent(between(sink.packets(interfaceName), "hsb"));
            assertThat(collected)
                    .usingElementComparator(PacketSourceContractTest::compareNearly)
                    .containsExactlyElementsOf(witnessed);
            return collected;
        }

        private void mark(Sender sender, NetworkNamespace marking, String marker) throws Exception {
            send(marking, marker, "marker", 1);
            sender.send();
            send(marking, marker, "marker", 2);
        }

        private List<SeenPacket> witnessed(String marker) throws Exception {
            tcpdump.awaitPacket(markerHex(marker, 2));
            assertThat(source.drain(5_000)).isTrue();
            return tcpdump.packets();
        }

        private List<SeenPacket> byContent(List<SeenPacket> packets) {
            return packets.stream()
                    .sorted(Comparator.comparing(SeenPacket::hex).thenComparingLong(SeenPacket::timestampNs))
                    .toList();
        }

        /** Markers cannot be told where the snap length cuts them: the source began first, so the end of its list is compared. */
        private List<SeenPacket> compareAll() throws Exception {
            assertThat(source.drain(5_000)).isTrue();
            List<SeenPacket> collected = sink.packets(interfaceName).stream().sorted().toList();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        List<SeenPacket> witnessed = tcpdump.packets().stream().sorted().toList();
                        assertThat(witnessed).hasSize(MIXED_AND_MARKERS);
                        assertThat(collected).endsWith(witnessed.toArray(SeenPacket[]::new));
                    });
            return collected;
        }

        private List<SeenPacket> between(List<SeenPacket> packets, String marker) {
            long from = timestampOf(packets, markerHex(marker, 1));
            long to = timestampOf(packets, markerHex(marker, 2));
            Predicate<SeenPacket> within = packet -> packet.timestampNs() >= from && packet.timestampNs() <= to;
            return packets.stream().filter(within).sorted().toList();
        }

        private long timestampOf(List<SeenPacket> packets, String hex) {
            return packets.stream()
                    .filter(packet -> packet.hex().contains(hex))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no marker among " + packets.size() + " packets"))
                    .timestampNs();
        }

        @Override
        public void close() {
            tcpdump.close();
            source.close();
            stamping.close();
        }
    }
}
