package io.hindsight.hub.flow;

import static io.hindsight.hub.flow.FlowFixture.START_NS;
import static io.hindsight.hub.flow.TcpScript.ACK;
import static io.hindsight.hub.flow.TcpScript.FIN_ACK;
import static io.hindsight.hub.flow.TcpScript.RST;
import static io.hindsight.hub.flow.TcpScript.SYN;
import static io.hindsight.hub.testing.PacketBytes.IPV4;
import static io.hindsight.hub.testing.PacketBytes.ethernet;
import static io.hindsight.hub.testing.PacketBytes.icmp;
import static io.hindsight.hub.testing.PacketBytes.ipv4;
import static io.hindsight.hub.testing.PacketBytes.udp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.hindsight.api.Flow;
import io.hindsight.api.FlowPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules, on frames put together by hand. */
class FlowComputationTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir private Path folder = Path.of("");

    private static TcpScript script() {
        return new TcpScript(40_000, 80, START_NS);
    }

    private Flow only(TcpScript script) {
        List<Flow> flows = new FlowFixture(folder).node("node-1", script.packets()).flows();
        assertThat(flows).hasSize(1);
        return flows.getFirst();
    }

    @Test
    void shouldSumBothWaysOfAConnection() {
        Flow flow = only(script().handshake().client(ACK, 1, 100).server(ACK, 1, 1_000).finish(1_000));

        assertThat(flow.protocol()).isEqualTo("tcp");
        assertThat(flow.client()).isEqualTo(new Flow.End("10.0.0.1", 40_000, null, null));
        assertThat(flow.server()).isEqualTo(new Flow.End("10.0.0.2", 80, null, null));
        assertThat(flow.toServer()).isEqualTo(new Flow.Direction(5, 5 * 54 + 100, 0, 0));
        assertThat(flow.toClient()).isEqualTo(new Flow.Direction(3, 3 * 54 + 1_000, 0, 0));
        assertThat(flow.packets()).isEqualTo(8);
        assertThat(flow.bytes()).isEqualTo(8 * 54 + 1_100);
        assertThat(EpochNanos.of(flow.first())).isEqualTo(START_NS);
        assertThat(EpochNanos.of(flow.last())).isEqualTo(START_NS + 7_000_000);
        assertThat(flow.connections()).isEqualTo(1);
        assertThat(flow.incompleteHandshakes()).isZero();
        assertThat(flow.handshake()).isEqualTo(new Flow.Handshake(1, 2_000_000, 2_000_000, 2_000_000));
        assertThat(flow.seenAt()).containsExactly(new Flow.SeenAt("node-1", "eth0", 8, flow.bytes()));
    }

    @Test
    void shouldCountAPacketOnceThatPassedSeveralInterfacesAndNodes() {
        List<FixturePacket> here = new ArrayList<>(script().at("veth7").handshake().client(ACK, 1, 10).packets());
        // Two of the four left the node by eth0; all four reached the other node, a little later.
        here.addAll(script().at("eth0").after(1_000).handshake().packets().subList(0, 2));
        List<FixturePacket> there = script().at("eth0").after(20_000).handshake().client(ACK, 1, 10).packets();

        List<Flow> flows = new FlowFixture(folder).node("node-1", here).node("node-2", there).flows();

        assertThat(flows).hasSize(1);
        assertThat(flows.getFirst().packets()).isEqualTo(4);
        assertThat(flows.getFirst().connections()).isEqualTo(1);
        assertThat(flows.getFirst().handshake()).isEqualTo(new Flow.Handshake(1, 2_000_000, 2_000_000, 2_000_000));
        assertThat(EpochNanos.of(flows.getFirst().first())).isEqualTo(START_NS);
        assertThat(flows.getFirst().retransmissions()).isZero();
        assertThat(flows.getFirst().seenAt())
                .containsExactly(
                        new Flow.SeenAt("node-1", "veth7", 4, 4 * 54 + 10),
                        new Flow.SeenAt("node-2", "eth0", 4, 4 * 54 + 10),
                        new Flow.SeenAt("node-1", "eth0", 2, 2 * 54));
    }

    @ParameterizedTest(name = "{4}")
    @CsvSource({
        "40000, 80,    17, 0,  the only port below 1024 is the server's",
        "80,    40000, 17, 1,  the only port below 1024 is the server's whoever spoke first",
        "8080,  40000, 17, 1,  the only ephemeral port is the client's",
        "5000,  6000,  17, 0,  the first sender is the client",
        "40000, 50000, 17, 0,  the first sender is the client between two ephemeral ports",
        "53,    123,   17, 0,  the first sender is the client between two known ports",
        "1023,  8080,  17, 1,  a known port counts ahead of who spoke first",
    })
    void shouldTellTheClientWithoutSyn(int source, int destination, int protocol, int client, String rule) {
        byte[] frame = ethernet(IPV4, ipv4(protocol, udp(source, destination, 9)));

        Flow flow =
                new FlowFixture(folder)
                        .node("node-1", List.of(FixturePacket.ethernet("eth0", START_NS, frame)))
                        .flows()
                        .getFirst();

        assertThat(flow.client().port()).as(rule).isEqualTo(client == 0 ? source : destination);
        assertThat(flow.toServer().packets()).isEqualTo(client == 0 ? 1 : 0);
        assertThat(flow.connections()).isEqualTo(1);
        assertThat(flow.handshake()).isNull();
    }

    @Test
    void shouldTellTheClientBySynAheadOfPorts() {
        // An FTP server calls its client from port 20.
        assertThat(only(new TcpScript(20, 40_000, START_NS).handshake()).client().port()).isEqualTo(20);
        assertThat(only(new TcpScript(20, 40_000, START_NS).server(SYN | ACK, 0, 0)).client().port()).isEqualTo(20);
        assertThat(only(new TcpScript(20, 40_000, START_NS).client(ACK, 5, 0)).client().port()).isEqualTo(40_000);
    }

    @Test
    void shouldBeginAConnectionWithANewSynAfterTheEnd() {
        Flow flow =
                only(
                        script().handshake()
                                .client(ACK, 1, 10)
                                .finish(10)
                                .anew()
                                .handshake()
                                .client(ACK, 1, 10)
                                .client(RST, 11, 0)
                                .anew()
                                .client(SYN, 0, 0)
                                .after(SECOND_NS)
                                .client(SYN, 0, 0)
                                .server(SYN | ACK, 0, 0)
                                .client(ACK, 1, 10));

        assertThat(flow.connections()).isEqualTo(3);
        assertThat(flow.incompleteHandshakes()).isZero();
        assertThat(flow.retransmissions()).isZero();
        assertThat(flow.resets()).isEqualTo(1);
        // The last one from its first SYN, which was lost, on.
        assertThat(flow.handshake())
                .isEqualTo(new Flow.Handshake(3, 2_000_000, SECOND_NS + 3_000_000, SECOND_NS + 3_000_000));
    }

    @Test
    void shouldNotBeginAConnectionWithASynInItsMiddle() {
        TcpScript stray = script().handshake().client(ACK, 1, 10).client(SYN, 500_000, 0).client(ACK, 1, 10);
        assertThat(only(stray).connections()).isEqualTo(1);
        assertThat(only(stray).retransmissions()).isEqualTo(1);

        TcpScript muchLater = script().handshake().client(ACK, 1, 10).after(60 * SECOND_NS).client(SYN, 500_000, 0);
        assertThat(only(muchLater).connections()).isEqualTo(2);
        assertThat(only(muchLater).incompleteHandshakes()).isEqualTo(1);
    }

    @Test
    void shouldCountConnectionsThatWereNeverEstablished() {
        Flow refused = only(script().client(SYN, 0, 0).server(RST | ACK, 0, 0).anew().client(SYN, 0, 0));
        assertThat(refused.connections()).isEqualTo(2);
        assertThat(refused.incompleteHandshakes()).isEqualTo(2);
        assertThat(refused.handshake()).isNull();

        Flow unanswered = only(script().client(SYN, 0, 0).client(SYN, 0, 0).anew().client(SYN, 0, 0));
        assertThat(unanswered.connections()).isEqualTo(2);
        assertThat(unanswered.incompleteHandshakes()).isEqualTo(2);

        Flow midStream = only(script().client(ACK, 1, 10).server(ACK, 1, 0));
        assertThat(midStream.connections()).isEqualTo(1);
        assertThat(midStream.incompleteHandshakes()).isZero();
        assertThat(midStream.handshake()).isNull();
    }

    @Test
    void shouldCountWhatWasSentBefore() {
        Flow flow =
                only(
                        script().handshake()
                                .client(ACK, 1, 100)
                                .client(ACK, 1, 100)
                                .client(ACK, 51, 100)
                                .server(ACK, 1, 100)
                                .server(ACK, 1, 40)
                                .server(FIN_ACK, 41, 60));

        assertThat(flow.toServer().retransmissions()).isEqualTo(2);
        assertThat(flow.toClient().retransmissions()).isEqualTo(2);
    }

    @Test
    void shouldNotCountWhatWasOvertakenOrIsEmptyOrKeepsAlive() {
        Flow flow =
                only(
                        script().handshake()
                                // The second and third of four overtaken, in two pieces.
                                .client(ACK, 1, 100)
                                .client(ACK, 301, 100)
                                .client(ACK, 201, 100)
                                .client(ACK, 101, 50)
                                .client(ACK, 151, 50)
                                // Acknowledgements, keep-alives with and without a byte.
                                .client(ACK, 401, 0)
                                .client(ACK, 400, 0)
                                .client(ACK, 400, 1)
                                .finish(400));
        assertThat(flow.retransmissions()).isZero();

        Flow again =
                only(
                        script().handshake()
                                .client(ACK, 1, 100)
                                .client(ACK, 301, 100)
                                .client(ACK, 201, 100)
                                .client(ACK, 201, 100));
        assertThat(again.retransmissions()).isEqualTo(1);
    }

    @Test
    void shouldTellExactPercentilesOfHandshakes() {
        TcpScript script = script();
        for (int i = 1; i <= 200; i++) {
            script.client(SYN, 0, 0).after(i * 10_000_000L - 1_000_000).client(ACK, 1, 0).client(RST, 1, 0).anew();
        }

        assertThat(only(script).handshake())
                .isEqualTo(new Flow.Handshake(200, 1_000_000_000, 1_800_000_000, 1_980_000_000));
    }

    @Test
    void shouldKeepWhatHasNoPortsApart() {
        byte[] first = ethernet(IPV4, ipv4(1, 2, 17, 0x2000, new byte[0], udp(5_000, 53, 1_472)));
        byte[] later = ethernet(IPV4, ipv4(1, 2, 17, 185, new byte[0], udp(1, 2, 24)));
        byte[] echo = ethernet(IPV4, ipv4(1, icmp(8, 0, 20)));
        byte[] arp = ethernet(0x0806, new byte[28]);
        List<FixturePacket> packets =
                List.of(
                        FixturePacket.ethernet("eth0", START_NS, first),
                        FixturePacket.ethernet("eth0", START_NS + 1, later),
                        FixturePacket.ethernet("eth0", START_NS + 2, echo),
                        FixturePacket.ethernet("eth0", START_NS + 3, arp));

        FlowFixture fixture = new FlowFixture(folder).node("node-1", packets);

        assertThat(fixture.flows()).extracting(Flow::protocol).containsExactly("udp", "udp", "icmp");
        assertThat(fixture.flows()).extracting(flow -> flow.server().port()).containsExactly(53, null, null);
        FlowPage.Coverage coverage = fixture.compute(FlowFixture.EVERYTHING).coverage();
        assertThat(coverage.packets()).isEqualTo(4);
        assertThat(coverage.packetsWithoutAddress()).isEqualTo(1);
    }

    /** So many flows of two packets each, one after the other. */
    private static List<FixturePacket> manyFlows(int count) {
        List<FixturePacket> packets = new ArrayList<>();
        for (int packet = 0; packet < 2; packet++) {
            for (int i = 0; i < count; i++) {
                byte[] frame = ethernet(IPV4, ipv4(0x0A00_0000 + i, 2, 17, udp(5_000, 53, 10)));
                packets.add(FixturePacket.ethernet("eth" + packet, START_NS + packets.size(), frame));
            }
        }
        return packets;
    }

    @Test
    void shouldCountWhatIsBeyondItsBounds() {
        FlowFixture fixture = new FlowFixture(folder).node("node-1", manyFlows(3_000));

        FlowPage.Coverage few = fixture.limits(1_000, 10_000, 10, 10_000).compute(FlowFixture.EVERYTHING).coverage();
        assertThat(few.flows()).isEqualTo(1_000);
        assertThat(few.unlistedFlows()).isEqualTo(2_000);
        assertThat(few.unlistedFlowsExact()).isTrue();
        assertThat(few.unlistedPackets()).isEqualTo(4_000);
        assertThat(few.unlistedBytes()).isEqualTo(4_000 * 52);

        FlowPage.Coverage uncounted =
                fixture.limits(1_000, 10_000, 10, 1_500).compute(FlowFixture.EVERYTHING).coverage();
        assertThat(uncounted.unlistedFlows()).isEqualTo(1_500);
        assertThat(uncounted.unlistedFlowsExact()).isFalse();
        assertThat(uncounted.unlistedPackets()).isEqualTo(4_000);

        FlowPage.Coverage points = fixture.limits(5_000, 3_500, 10, 10).compute(FlowFixture.EVERYTHING).coverage();
        assertThat(points.flows()).isEqualTo(3_000);
        assertThat(points.unlistedPackets()).isZero();
        assertThat(points.packetsAtFurtherPoints()).isEqualTo(2_500);
    }

    @Test
    void shouldCountHandshakesThatItDoesNotMeasure() {
        TcpScript script = script();
        for (int i = 0; i < 5; i++) {
            script.handshake().client(RST, 1, 0).anew();
        }

        FlowSet flows =
                new FlowFixture(folder)
                        .node("node-1", script.packets())
                        .limits(10, 10, 3, 10)
                        .compute(FlowFixture.EVERYTHING);

        assertThat(flows.coverage().unmeasuredHandshakes()).isEqualTo(2);
        Flow flow = FlowFixture.flows(flows, FlowFilter.ALL, FlowSort.FIRST, true).getFirst();
        assertThat(flow.handshake()).isEqualTo(new Flow.Handshake(3, 2_000_000, 2_000_000, 2_000_000));
        assertThat(flow.incompleteHandshakes()).isZero();
    }

    @Test
    void shouldReadTheChosenPacketsAlone() {
        FlowFixture fixture =
                new FlowFixture(folder)
                        .node("node-1", script().handshake().packets())
                        .node("node-2", new TcpScript(40_001, 443, START_NS).handshake().packets());
        Instant second = EpochNanos.toInstant(START_NS + 1_000_000);

        assertThat(coverage(fixture, FlowSelection.of(List.of("node-2"), null, null, null)).packets()).isEqualTo(3);
        assertThat(coverage(fixture, FlowSelection.of(List.of(), second, second.plusNanos(1), null)).packets())
                .isEqualTo(2);
        assertThat(coverage(fixture, FlowSelection.of(List.of(), null, null, "tcp port 443")).flows()).isEqualTo(1);
        assertThatThrownBy(() -> fixture.compute(FlowSelection.of(List.of("node-3"), null, null, null)))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_NODE));
        assertThatThrownBy(() -> fixture.compute(FlowSelection.of(List.of(), null, null, "tcp port")))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER));
    }

    private static FlowPage.Coverage coverage(FlowFixture fixture, FlowSelection selection) {
        return fixture.compute(selection).coverage();
    }

    @Test
    void shouldEndWhenItIsCancelledOrTakesTooLong() {
        FlowFixture fixture = new FlowFixture(folder).node("node-1", manyFlows(10));

        assertThatThrownBy(() ->
                        FlowComputation.run(
                                fixture.files(),
                                FlowFixture.EVERYTHING,
                                Resolution.NONE,
                                FlowLimits.DEFAULTS,
                                () -> true))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        FlowLimits hasty = new FlowLimits(10, 10, 10, 10, Duration.ZERO);
        assertThatThrownBy(() ->
                        FlowComputation.run(
                                fixture.files(), FlowFixture.EVERYTHING, Resolution.NONE, hasty, () -> false))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TIMED_OUT);
                            assertThat(e).hasMessageContaining("limit=0 ms").hasMessageContaining("bpf");
                        });
    }

    @Test
    void shouldAllocateForFlowsAndNotForPackets() {
        FlowFixture few = new FlowFixture(folder).node("few", manyPackets(20_000));
        FlowFixture many = new FlowFixture(folder).node("many", manyPackets(60_000));
        allocatedBy(few);
        allocatedBy(many);

        assertThat(allocatedBy(many) - allocatedBy(few)).isLessThan(40_000);
    }

    private static List<FixturePacket> manyPackets(int count) {
        TcpScript script = script().handshake();
        for (int i = 0; i < count; i++) {
            script.client(ACK, 1 + i * 10, 10);
        }
        return script.packets();
    }

    private static long allocatedBy(FlowFixture fixture) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(fixture.compute(FlowFixture.EVERYTHING).coverage().flows()).isEqualTo(1);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
