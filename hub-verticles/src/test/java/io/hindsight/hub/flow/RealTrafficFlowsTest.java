package io.hindsight.hub.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindsight.api.Flow;
import io.hindsight.hub.testing.CaptureFile;
import io.hindsight.hub.testing.TrafficLab;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real programs speak in namespaces; tshark says what they said. */
class RealTrafficFlowsTest {
    private static final String SENDS_DATAGRAMS =
            """
            import socket
            for host in ('10.9.0.2', 'fd09::2') * 3:
                s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
                for length in (10, 500, 1200):
                    s.sendto(b'x' * length, (host, 5300))
            """;

    /** Connects and closes with RST, by a linger of 0. */
    private static final String RESETS =
            """
            import socket, struct
            for i in range(3):
                s = socket.create_connection(('10.9.0.2', 8080))
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                s.close()
            """;

    private static final String ECHOES =
            """
            import socket
            listener = socket.create_server(('10.9.0.2', 7000))
            connection = listener.accept()[0]
            while True:
                asked = connection.recv(100)
                if not asked: break
                connection.sendall(asked)
            """;

    private static final String ASKS =
            """
            import socket
            s = socket.create_connection(('10.9.0.2', 7000))
            for i in range(30):
                s.sendall(b'x' * 50)
                assert len(s.recv(100)) == 50
            """;

    @TempDir private Path folder = Path.of("");

    @BeforeEach
    void writeFile() throws IOException {
        Files.write(folder.resolve("body"), new byte[400_000]);
    }

    private List<Flow> flows(String node, Path capture, String networkInterface) {
        return new FlowFixture(folder).node(node, CaptureFile.read(capture, networkInterface)).flows();
    }

    /** {@code sender > receiver}, as tshark's are; directions in which nothing was counted are left out. */
    private static Map<String, Long> byDirection(
            List<Flow> flows, String protocol, ToLongFunction<Flow.Direction> count) {
        Map<String, Long> counts = new TreeMap<>();
        for (Flow flow : flows) {
            if (flow.protocol().equals(protocol)) {
                String client = socket(flow.client());
                String server = socket(flow.server());
                counts.merge(client + " > " + server, count.applyAsLong(flow.toServer()), Long::sum);
                counts.merge(server + " > " + client, count.applyAsLong(flow.toClient()), Long::sum);
            }
        }
        counts.values().removeIf(value -> value == 0);
        return counts;
    }

    private static String socket(Flow.End end) {
        // As tshark shortens fd09:0:0:0:0:0:0:1.
        return end.address().replaceFirst("(:0)+:", "::").replaceFirst("^0::", "::") + ":" + end.port();
    }

    private static void requireSameAsTshark(List<Flow> flows, Path capture) {
        TsharkFlows tshark = new TsharkFlows(capture);
        for (String protocol : List.of("tcp", "udp")) {
            assertThat(byDirection(flows, protocol, Flow.Direction::packets)).isEqualTo(tshark.frames(protocol));
            assertThat(byDirection(flows, protocol, Flow.Direction::bytes)).isEqualTo(tshark.bytes(protocol));
        }
        assertThat(byDirection(flows, "tcp", Flow.Direction::resets)).isEqualTo(tshark.resets());
    }

    @Test
    void shouldCountAsTsharkDoesOnLoopbackAndBetweenTwoMachines() {
        Path loopback = folder.resolve("lo.pcap");
        Path near = folder.resolve("near.pcap");
        Path far = folder.resolve("far.pcap");
        try (TrafficLab lab = new TrafficLab(folder)) {
            String here = lab.namespace();
            String there = lab.namespace();
            lab.connect(here, there);
            lab.serve(here, "::", 8_080);
            lab.serve(there, "::", 8_080);
            lab.capture(here, "lo", loopback);
            lab.capture(here, "veth0", near);
            lab.capture(there, "veth0", far);
            lab.run(
                    here,
                    "curl",
                    "-sS",
                    "http://127.0.0.1:8080/body",
                    "http://[::1]:8080/body",
                    "http://10.9.0.2:8080/body",
                    "http://[fd09::2]:8080/body");
            lab.run(here, "python3", "-c", SENDS_DATAGRAMS);
            lab.run(here, "python3", "-c", RESETS);
            // Refused: nobody listens there.
            assertThat(lab.attempt(here, "curl", "-sS", "http://10.9.0.2:81/").exit()).isEqualTo(7);
            lab.stopCaptures();
        }

        List<Flow> onLoopback = flows("node-1", loopback, "lo");
        List<Flow> onNear = flows("node-1", near, "veth0");
        requireSameAsTshark(onLoopback, loopback);
        requireSameAsTshark(onNear, near);
        requireSameAsTshark(flows("node-2", far, "veth0"), far);
        assertThat(onLoopback).filteredOn(flow -> flow.protocol().equals("tcp")).hasSize(2);
        List<Flow> refused =
                onNear.stream().filter(flow -> flow.server().port() != null && flow.server().port() == 81).toList();
        assertThat(refused)
                .singleElement()
                .satisfies(flow -> {
                    assertThat(flow.incompleteHandshakes()).isEqualTo(1);
                    assertThat(flow.resets()).isEqualTo(1);
                });
        requireEachPacketOnce(near, far, onNear);
        requireRoundTripTimes(near, onNear);
    }

    /** Two nodes saw the same packets, and one of them on two interfaces. */
    private void requireEachPacketOnce(Path near, Path far, List<Flow> alone) {
        List<FixturePacket> packets = new ArrayList<>(CaptureFile.read(near, "veth0"));
        packets.addAll(CaptureFile.read(near, "bridge0"));

        List<Flow> together =
                new FlowFixture(folder).node("node-1", packets).node("node-2", CaptureFile.read(far, "veth0")).flows();

        assertThat(byDirection(together, "tcp", Flow.Direction::packets))
                .isEqualTo(byDirection(alone, "tcp", Flow.Direction::packets));
        assertThat(byDirection(together, "udp", Flow.Direction::bytes))
                .isEqualTo(byDirection(alone, "udp", Flow.Direction::bytes));
        assertThat(together)
                .filteredOn(flow -> flow.protocol().equals("tcp"))
                .allSatisfy(flow ->
                        assertThat(flow.seenAt())
                                .extracting(Flow.SeenAt::node, Flow.SeenAt::interfaceName)
                                .containsExactlyInAnyOrder(
                                        org.assertj.core.groups.Tuple.tuple("node-1", "veth0"),
                                        org.assertj.core.groups.Tuple.tuple("node-1", "bridge0"),
                                        org.assertj.core.groups.Tuple.tuple("node-2", "veth0")));
    }

    private static void requireRoundTripTimes(Path capture, List<Flow> flows) {
        List<Long> measured =
                flows.stream()
                        .map(Flow::handshake)
                        .filter(handshake -> handshake != null)
                        .map(Flow.Handshake::p50Ns)
                        .sorted()
                        .toList();
        List<Long> expected = new TsharkFlows(capture).initialRoundTripTimes("81");
        // Two downloads and three resets.
        assertThat(measured).hasSize(5).hasSameSizeAs(expected);
        for (int i = 0; i < measured.size(); i++) {
            assertThat(measured.get(i)).isCloseTo(expected.get(i), within(1_000L));
        }
    }

    /** One question after the other, so that what is lost is sent again before anything else: there tshark does not have to guess. */
    @Test
    void shouldCountRetransmissionsAsTsharkDoes() {
        Path near = folder.resolve("near.pcap");
        Path far = folder.resolve("far.pcap");
        try (TrafficLab lab = lossyLab(near, far, 9)) {
            lab.start(lab.namespaces().getLast(), folder.resolve("echo.log"), "python3", "-c", ECHOES);
            lab.awaitListener(lab.namespaces().getLast(), 7_000);
            lab.run(lab.namespaces().getFirst(), "python3", "-c", ASKS);
            lab.stopCaptures();
        }

        for (Path capture : List.of(near, far)) {
            Map<String, Long> counted =
                    byDirection(flows("node-1", capture, "veth0"), "tcp", Flow.Direction::retransmissions);
            assertThat(counted.values().stream().mapToLong(Long::longValue).sum()).isGreaterThan(3);
            assertThat(counted).isEqualTo(new TsharkFlows(capture).retransmissions());
        }
    }

    /** In a stream tshark takes many for overtaken; which bytes were sent before is known all the same. */
    @Test
    void shouldCountEachSegmentOfAStreamThatWasSentBefore() {
        Path near = folder.resolve("near.pcap");
        Path far = folder.resolve("far.pcap");
        try (TrafficLab lab = lossyLab(near, far, 12)) {
            lab.serve(lab.namespaces().getLast(), "10.9.0.2", 8_080);
            lab.run(lab.namespaces().getFirst(), "curl", "-sSo", "/dev/null", "http://10.9.0.2:8080/body");
            lab.stopCaptures();
        }

        for (Path capture : List.of(near, far)) {
            TsharkFlows tshark = new TsharkFlows(capture);
            Map<String, Long> counted =
                    byDirection(flows("node-1", capture, "veth0"), "tcp", Flow.Direction::retransmissions);
            assertThat(counted.values()).singleElement().satisfies(count -> assertThat(count).isGreaterThan(10));
            assertThat(counted).isEqualTo(tshark.sentBefore());
            long guessed = tshark.retransmissions().values().iterator().next();
            assertThat(counted.values().iterator().next()).isGreaterThanOrEqualTo(guessed);
        }
    }

    /** Two namespaces between which one segment in so many is lost where it arrives: behind the point of capture. */
    private TrafficLab lossyLab(Path near, Path far, int oneIn) {
        Tools.require("nft");
        TrafficLab lab = new TrafficLab(folder);
        try {
            String here = lab.namespace();
            String there = lab.namespace();
            lab.connect(here, there);
            for (String namespace : List.of(here, there)) {
                lab.run(namespace, "ip", "link", "set", "veth0", "gso_max_segs", "1");
                lab.run(
                        namespace,
                        "nft",
                        "add table ip lossy; add chain ip lossy in { type filter hook input priority 0; };"
                                + "add rule ip lossy in meta l4proto tcp numgen inc mod "
                                + oneIn
                                + " "
                                + (oneIn - 1)
                                + " drop");
            }
            lab.capture(here, "veth0", near);
            lab.capture(there, "veth0", far);
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }
}
