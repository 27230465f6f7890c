package io.hindsight.hub.flow;

import static io.hindsight.hub.flow.FlowFixture.START_NS;
import static io.hindsight.hub.flow.TcpScript.ACK;
import static io.hindsight.hub.flow.TcpScript.RST;
import static io.hindsight.hub.flow.TcpScript.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.api.FlowPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.ResolutionBuilder;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.TimeWindow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters, sorting, pages, groups and names of flows. */
class FlowQueryTest {
    private static final ContainerInfo CONTAINER =
            new ContainerInfo("c0ffee", "containerd", "u-1", "shop", "cart-1", "web");

    @TempDir private Path folder = Path.of("");

    private FlowSet flows = new FlowSet(List.of(), List.of(), new FlowPage.Coverage(0, 0, 0, 0, true, 0, 0, 0, 0));

    /** Ports 40000 to 40009, each with one packet more than the one before; every third is slow, one is refused. The first four end in port 80. */
    @BeforeEach
    void compute() {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TcpScript script = new TcpScript(40_000 + i, i < 4 ? 80 : 443, START_NS + i * 1_000L);
            if (i == 9) {
                script.client(SYN, 0, 0).server(RST | ACK, 0, 0);
            } else {
                script.client(SYN, 0, 0).after(i % 3 * 5_000_000L).server(SYN | ACK, 0, 0).client(ACK, 1, 0);
            }
            for (int more = 0; more < i; more++) {
                script.client(ACK, 1 + (i == 5 ? 0 : more * 10), 10);
            }
            packets.addAll(script.packets());
        }
        flows =
                new FlowFixture(folder)
                        .node("node-1", packets)
                        .resolution(
                                new ScriptedResolution()
                                        .pod("10.0.0.1", "shop", "cart-1", "cart")
                                        .pod("10.0.0.2", "payments", "ledger-0", null)
                                        .process("node-1", "10.0.0.2:443", 4_711, "nginx", null)
                                        .process("node-1", "10.0.0.1:40001", 815, "curl", CONTAINER))
                        .compute(FlowFixture.EVERYTHING);
    }

    private List<Integer> ports(FlowSort sort, boolean ascending) {
        return FlowFixture.flows(flows, FlowFilter.ALL, sort, ascending).stream().map(FlowQueryTest::port).toList();
    }

    private static int port(Flow flow) {
        return Objects.requireNonNull(flow.client().port()) - 40_000;
    }

    @Test
    void shouldSortByEveryColumn() {
        assertThat(ports(FlowSort.FIRST, true)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(ports(FlowSort.PACKETS, false)).containsExactly(8, 9, 7, 6, 5, 4, 3, 2, 1, 0);
        assertThat(ports(FlowSort.BYTES, false)).startsWith(9, 8, 7).endsWith(1, 0);
        assertThat(ports(FlowSort.LAST, false).getFirst()).isEqualTo(8);
        assertThat(ports(FlowSort.RETRANSMISSIONS, false)).startsWith(5, 0, 1);
        assertThat(ports(FlowSort.RESETS, false)).startsWith(9, 0, 1);
        // The refused one has no handshake: last either way.
        assertThat(ports(FlowSort.HANDSHAKE, false)).containsExactly(2, 5, 8, 1, 4, 7, 0, 3, 6, 9);
        assertThat(ports(FlowSort.HANDSHAKE, true)).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8, 9);
    }

    @Test
    void shouldPageWithoutLeavingOneOutOrShowingOneTwice() {
        for (FlowSort sort : FlowSort.values()) {
            List<Integer> paged = new ArrayList<>();
            for (int offset = 0; offset < 12; offset += 3) {
                FlowPage page = query(FlowFilter.ALL, FlowGrouping.FLOW, sort, 3, offset).page(flows);
                assertThat(page.total()).isEqualTo(10);
                assertThat(page.limit()).isEqualTo(3);
                assertThat(page.offset()).isEqualTo(offset);
                Objects.requireNonNull(page.flows()).forEach(flow -> paged.add(port(flow)));
            }
            assertThat(paged).as(sort.label()).isEqualTo(ports(sort, false));
        }
    }

    private static FlowQuery query(FlowFilter filter, FlowGrouping groupBy, FlowSort sort, int limit, int offset) {
        return new FlowQuery(FlowFixture.EVERYTHING, filter, groupBy, sort, false, limit, offset);
    }

    @Test
    void shouldRefusePagesBeyondItsBounds() {
        for (int limit : new int[] {0, 1_001, -1}) {
            assertThatThrownBy(() -> query(FlowFilter.ALL, FlowGrouping.FLOW, FlowSort.FIRST, limit, 0))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                                assertThat(e.field()).isEqualTo("limit");
                            });
        }
        assertThatThrownBy(() -> query(FlowFilter.ALL, FlowGrouping.FLOW, FlowSort.FIRST, 1, -1))
                .isInstanceOfSatisfying(HindsightException.class, e -> assertThat(e.field()).isEqualTo("offset"));
    }

    private List<Integer> chosen(FlowFilter filter) {
        return FlowFixture.flows(flows, filter, FlowSort.FIRST, true).stream().map(FlowQueryTest::port).toList();
    }

    @Test
    void shouldFilterByEitherEnd() {
        assertThat(chosen(new FlowFilter("payments", null, null, null, null))).hasSize(10);
        assertThat(chosen(new FlowFilter("elsewhere", null, null, null, null))).isEmpty();
        assertThat(chosen(new FlowFilter(null, "ledger-0", null, null, null))).hasSize(10);
        assertThat(chosen(new FlowFilter(null, "shop/cart-1", null, null, null))).hasSize(10);
        assertThat(chosen(new FlowFilter(null, "payments/cart-1", null, null, null))).isEmpty();
        assertThat(chosen(new FlowFilter(null, null, "nginx", null, null))).containsExactly(4, 5, 6, 7, 8, 9);
        assertThat(chosen(new FlowFilter(null, null, "815", null, null))).containsExactly(1);
        assertThat(chosen(new FlowFilter(null, null, null, 80, null))).containsExactly(0, 1, 2, 3);
        assertThat(chosen(new FlowFilter(null, null, "nginx", 80, null))).isEmpty();
        assertThat(chosen(new FlowFilter(null, null, null, null, 6))).hasSize(10);
        assertThat(chosen(new FlowFilter(null, null, null, null, 17))).isEmpty();
    }

    @Test
    void shouldNameBothEnds() {
        Flow flow = FlowFixture.flows(flows, FlowFilter.ALL, FlowSort.FIRST, true).get(1);

        assertThat(flow.client().workload())
                .isEqualTo(new Flow.Workload("Pod", "shop", "cart-1", "node-1", "Deployment", "cart"));
        assertThat(flow.client().process())
                .isEqualTo(new Flow.SocketProcess("node-1", 815, "curl", 0, "shop", "cart-1", "web"));
        assertThat(flow.server().workload())
                .isEqualTo(new Flow.Workload("Pod", "payments", "ledger-0", "node-1", null, null));
        assertThat(flow.server().process()).isNull();
    }

    @Test
    void shouldSumGroupsOfWorkloads() {
        FlowPage page = query(FlowFilter.ALL, FlowGrouping.WORKLOAD, FlowSort.BYTES, 10, 0).page(flows);

        assertThat(page.flows()).isNull();
        assertThat(page.total()).isEqualTo(1);
        FlowGroup group = Objects.requireNonNull(page.groups()).getFirst();
        assertThat(group.client()).isEqualTo(new FlowGroup.Party("Deployment", "shop", "cart"));
        assertThat(group.server()).isEqualTo(new FlowGroup.Party("Pod", "payments", "ledger-0"));
        List<Flow> all = FlowFixture.flows(flows, FlowFilter.ALL, FlowSort.FIRST, true);
        assertThat(group.flows()).isEqualTo(10);
        assertThat(group.packets()).isEqualTo(all.stream().mapToLong(Flow::packets).sum());
        assertThat(group.bytes()).isEqualTo(all.stream().mapToLong(Flow::bytes).sum());
        assertThat(group.connections()).isEqualTo(10);
        assertThat(group.incompleteHandshakes()).isEqualTo(1);
        assertThat(group.retransmissions()).isEqualTo(4);
        assertThat(group.resets()).isEqualTo(1);
        assertThat(group.first()).isEqualTo(all.getFirst().first());
        assertThat(group.last()).isEqualTo(all.stream().map(Flow::last).max(Comparator.naturalOrder()).orElseThrow());
        // Nine handshakes: three of 2, 7 and 12 ms each.
        assertThat(group.handshake()).isEqualTo(new Flow.Handshake(9, 7_000_000, 12_000_000, 12_000_000));
    }

    @Test
    void shouldGroupByNamespaceAndByAddressOfWhichNobodyKnows() {
        FlowPage byNamespace = query(FlowFilter.ALL, FlowGrouping.NAMESPACE, FlowSort.BYTES, 10, 0).page(flows);
        assertThat(Objects.requireNonNull(byNamespace.groups()))
                .extracting(FlowGroup::client, FlowGroup::server)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                new FlowGroup.Party("Namespace", null, "shop"),
                                new FlowGroup.Party("Namespace", null, "payments")));

        TcpScript script = new TcpScript(40_000, 80, START_NS).handshake();
        FlowSet unknown =
                new FlowFixture(folder)
                        .node("node-1", script.packets())
                        .resolution(new ScriptedResolution().process("node-1", "10.0.0.1:40000", 9, "curl", CONTAINER))
                        .compute(FlowFixture.EVERYTHING);
        FlowGroup group =
                Objects.requireNonNull(
                                query(FlowFilter.ALL, FlowGrouping.WORKLOAD, FlowSort.BYTES, 10, 0)
                                        .page(unknown)
                                        .groups())
                        .getFirst();
        assertThat(group.client()).isEqualTo(new FlowGroup.Party("Pod", "shop", "cart-1"));
        assertThat(group.server()).isEqualTo(new FlowGroup.Party("Address", null, "10.0.0.2"));
    }

    @Test
    void shouldNameWhoHadTheAddressWhenTheFlowBegan() {
        long changeNs = START_NS + 1_000_000_000;
        List<FixturePacket> packets = new ArrayList<>(new TcpScript(40_000, 80, START_NS).handshake().packets());
        packets.addAll(new TcpScript(40_001, 80, changeNs).handshake().packets());
        ScriptedResolution resolution =
                new ScriptedResolution()
                        .pod("10.0.0.2", "shop", "before", null, new TimeWindow(0, changeNs))
                        .pod("10.0.0.2", "shop", "after", null, new TimeWindow(changeNs, Long.MAX_VALUE));

        List<Flow> named = new FlowFixture(folder).node("node-1", packets).resolution(resolution).flows();

        assertThat(named)
                .extracting(flow -> Objects.requireNonNull(flow.server().workload()).name())
                .containsExactly("before", "after");
    }

    @Test
    void shouldNameBothProcessesOfAConnectionOnOneNode() {
        ResolutionBuilder told = new ResolutionBuilder();
        told.osEvent("node-1", socketEvent(OsEvent.Kind.CONNECT, 815, "curl", "10.0.0.1", 40_000, "10.0.0.2", 80));
        told.osEvent("node-1", socketEvent(OsEvent.Kind.ACCEPT, 4_711, "nginx", "10.0.0.2", 80, "10.0.0.1", 40_000));

        Flow flow =
                new FlowFixture(folder)
                        .node("node-1", new TcpScript(40_000, 80, START_NS).at("lo").handshake().packets())
                        .resolution(told.build())
                        .flows()
                        .getFirst();

        assertThat(flow.client().process())
                .isEqualTo(new Flow.SocketProcess("node-1", 815, "curl", 0, null, null, null));
        assertThat(flow.server().process())
                .isEqualTo(new Flow.SocketProcess("node-1", 4_711, "nginx", 0, null, null, null));
    }

    private static OsEvent socketEvent(
            OsEvent.Kind kind, int pid, String command, String local, int localPort, String remote, int remotePort) {
        return new OsEvent(
                kind,
                START_NS + 2_500_000,
                new OsEvent.ProcessInfo(pid, pid, 1, command, 0, null, null, null),
                null,
                null,
                null,
                null,
                new OsEvent.SocketInfo("tcp", local, localPort, remote, remotePort, null, "ESTABLISHED", null),
                null,
                null,
                null);
    }
}
