package io.hindsight.hub.resolve;

import static io.hindsight.hub.testing.OsEvents.checkpoint;
import static io.hindsight.hub.testing.OsEvents.container;
import static io.hindsight.hub.testing.OsEvents.event;
import static io.hindsight.hub.testing.OsEvents.process;
import static io.hindsight.hub.testing.OsEvents.program;
import static io.hindsight.hub.testing.OsEvents.socket;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.hub.testing.OsEvents;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which process had a socket when, rule by rule. Seconds since the epoch throughout. */
class SocketResolutionTest {
    private static final String CLIENT = "127.0.0.1:40000";
    private static final String SERVER = "127.0.0.1:8080";
    private static final ProcessInfo CURL = process(20, 10, "curl");
    private static final ProcessInfo NGINX = process(30, 1, "nginx");

    private final ResolutionBuilder builder = new ResolutionBuilder();

    @Test
    void shouldTellBothEndsOfALoopbackConnectionApart() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                event(Kind.ACCEPT, 101, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                event(Kind.CLOSE, 110, CURL, socket(CLIENT, SERVER, "CLOSED")),
                event(Kind.CLOSE, 110, NGINX, socket(SERVER, CLIENT, "CLOSED")));

        assertThat(command(CLIENT, SERVER, 100, 110)).isEqualTo("curl");
        assertThat(command(SERVER, CLIENT, 100, 110)).isEqualTo("nginx");
        assertThat(builder.build().owner("n2", 6, address(CLIENT), address(SERVER), 0, Long.MAX_VALUE))
                .as("of another node")
                .isEmpty();
        assertThat(builder.build().owner("n1", 17, address(CLIENT), address(SERVER), 0, Long.MAX_VALUE))
                .as("of another protocol")
                .isEmpty();
    }

    @Test
    void shouldNameProcessesByWhatTheyRan() {
        take(
                event(Kind.FORK, 99, process(20, 10, "bash")),
                program(Kind.EXEC, 100, CURL, "curl", "http://x/"),
                event(Kind.CONNECT, 101, process(20, 10, "curl"), socket(CLIENT, SERVER, "ESTABLISHED")),
                event(Kind.EXIT, 102, CURL));

        SocketOwner owner = owner(CLIENT, SERVER, 101, 101);
        assertThat(owner.command()).isEqualTo("curl");
        assertThat(owner.arguments()).containsExactly("curl", "http://x/");
        assertThat(owner.uid()).isEqualTo(1000);
    }

    @Test
    void shouldPreferTheProcessesNameToThatOfAThread() {
        take(
                program(Kind.EXEC, 100, process(20, 10, "java"), "java", "-jar", "x.jar"),
                event(Kind.CONNECT, 101, process(20, 10, "worker-1"), socket(CLIENT, SERVER, "ESTABLISHED")));

        assertThat(command(CLIENT, SERVER, 101, 102)).isEqualTo("java");
    }

    @Test
    void shouldResolveAReusedPidByTime() {
        take(
                program(Kind.EXEC, 100, CURL, "curl", "1"),
                event(Kind.CONNECT, 101, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                event(Kind.CLOSE, 102, CURL, socket(CLIENT, SERVER, "CLOSED")),
                event(Kind.EXIT, 102, CURL),
                event(Kind.FORK, 150, process(20, 11, "sh")),
                program(Kind.EXEC, 150, process(20, 11, "wget"), "wget"),
                event(Kind.CONNECT, 151, process(20, 11, "wget"), socket("127.0.0.1:40001", SERVER, "ESTABLISHED")));

        assertThat(command(CLIENT, SERVER, 101, 102)).isEqualTo("curl");
        assertThat(command("127.0.0.1:40001", SERVER, 151, 152)).isEqualTo("wget");
    }

    @Test
    void shouldKnowAReusedPidByItsStart() {
        take(
                program(Kind.EXEC, 100, process(20, 10, "curl", 100L), "curl"),
                event(Kind.CONNECT, 160, process(20, 11, "wget", 159L), socket(CLIENT, SERVER, "ESTABLISHED")));

        SocketOwner owner = owner(CLIENT, SERVER, 160, 161);
        assertThat(owner.command()).isEqualTo("wget");
        assertThat(owner.arguments()).isNull();
    }

    @Test
    void shouldResolveAReusedPortByTime() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                event(Kind.CLOSE, 110, CURL, socket(CLIENT, SERVER, "CLOSED")),
                event(Kind.CONNECT, 111, process(21, 10, "wget"), socket(CLIENT, SERVER, "ESTABLISHED")));

        assertThat(command(CLIENT, SERVER, 100, 110)).isEqualTo("curl");
        assertThat(command(CLIENT, SERVER, 111, 200)).isEqualTo("wget");
        assertThat(command(CLIENT, SERVER, 109, 150)).as("what overlaps most").isEqualTo("wget");
    }

    @Test
    void shouldTakePacketsALittleBeforeAndAfterForThoseOfTheSocket() {
        take(
                event(Kind.ACCEPT, 100, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                event(Kind.CLOSE, 110, NGINX, socket(SERVER, CLIENT, "CLOSED")));

        assertThat(command(SERVER, CLIENT, 96, 99)).isEqualTo("nginx");
        assertThat(command(SERVER, CLIENT, 112, 113)).isEqualTo("nginx");
        assertThat(command(SERVER, CLIENT, 90, 94)).isNull();
        assertThat(command(SERVER, CLIENT, 116, 120)).isNull();
    }

    @Test
    void shouldNameWhoWasRefused() {
        take(event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "CLOSED")));

        assertThat(command(CLIENT, SERVER, 99, 100)).isEqualTo("curl");
        assertThat(command(CLIENT, SERVER, 110, 111)).isNull();
    }

    @Test
    void shouldNameTheWorkerThatAccepted() {
        ProcessInfo worker = process(31, 30, "nginx");
        take(
                program(Kind.EXEC, 90, NGINX, "nginx", "-g", "daemon off;"),
                event(Kind.STATE, 91, NGINX, socket("0.0.0.0:8080", "0.0.0.0:0", "LISTEN")),
                event(Kind.FORK, 92, worker),
                event(Kind.ACCEPT, 100, worker, socket(SERVER, CLIENT, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 105, 1),
                event(Kind.SOCKET, 105, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                checkpoint(CheckpointPart.END, 105, 1));

        SocketOwner owner = owner(SERVER, CLIENT, 100, 120);
        assertThat(owner.pid()).isEqualTo(31);
        assertThat(owner.arguments()).as("as its parent's").containsExactly("nginx", "-g", "daemon off;");
    }

    @Test
    void shouldFallBackToWhoListened() {
        take(
                event(Kind.STATE, 91, NGINX, socket("0.0.0.0:8080", "0.0.0.0:0", "LISTEN")),
                event(Kind.STATE, 92, process(40, 1, "ledger"), socket("127.0.0.2:8080", "0.0.0.0:0", "LISTEN")),
                event(Kind.STATE, 93, process(41, 1, "six"), socket("::/9090", "::/0", "LISTEN")),
                event(Kind.CLOSE, 200, NGINX, socket("0.0.0.0:8080", "0.0.0.0:0", "CLOSED")));

        assertThat(command(SERVER, CLIENT, 100, 110)).isEqualTo("nginx");
        assertThat(command("127.0.0.2:8080", CLIENT, 100, 110)).as("the exact address").isEqualTo("ledger");
        assertThat(command("127.0.0.1:9090", CLIENT, 100, 110)).as("IPv6 takes IPv4 too").isEqualTo("six");
        assertThat(command("::1/8080", "::1/40000", 100, 110)).as("IPv4 takes no IPv6").isNull();
        assertThat(command(SERVER, CLIENT, 300, 310)).as("no longer").isNull();
    }

    @Test
    void shouldKnowFromACheckpointWhatWasOpenBefore() {
        take(
                checkpoint(CheckpointPart.BEGIN, 100, 2),
                program(Kind.PROCESS, 100, process(50, 1, "postgres", 5L), "postgres", "-D", "/data"),
                event(Kind.SOCKET, 100, process(50, 1, "postgres", 5L), socket(SERVER, CLIENT, "ESTABLISHED")),
                checkpoint(CheckpointPart.END, 100, 2));

        SocketOwner owner = owner(SERVER, CLIENT, 10, 20);
        assertThat(owner.arguments()).containsExactly("postgres", "-D", "/data");
    }

    @Test
    void shouldTakeArgumentsThatACheckpointTellsAfterTheSocket() {
        take(
                checkpoint(CheckpointPart.BEGIN, 100, 2),
                event(Kind.SOCKET, 100, process(50, 1, "postgres", 5L), socket(SERVER, CLIENT, "ESTABLISHED")),
                program(Kind.PROCESS, 100, process(50, 1, "postgres", 5L), "postgres", "-D", "/data"),
                checkpoint(CheckpointPart.END, 100, 2));

        SocketOwner owner = owner(SERVER, CLIENT, 10, 20);
        assertThat(owner.arguments()).containsExactly("postgres", "-D", "/data");
    }

    @Test
    void shouldEndWhatAWholeCheckpointDoesNotName() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 150, 1),
                event(Kind.SOCKET, 150, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                checkpoint(CheckpointPart.END, 150, 1),
                checkpoint(CheckpointPart.BEGIN, 200, 1),
                event(Kind.SOCKET, 200, process(60, 1, "ssh"), socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.END, 200, 1));

        assertThat(command(CLIENT, SERVER, 140, 141)).isEqualTo("curl");
        assertThat(command(CLIENT, SERVER, 160, 161)).as("the checkpoint before did not name it").isEqualTo("ssh");
    }

    @Test
    void shouldEndNothingByACheckpointThatIsNotWhole() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 150, 3),
                checkpoint(CheckpointPart.END, 150, 3));

        assertThat(command(CLIENT, SERVER, 200, 201)).isEqualTo("curl");
    }

    @Test
    void shouldEndNothingByACheckpointThatLeftSomethingOut() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 150, 1),
                event(Kind.SOCKET, 150, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                OsEvents.partialEnd(150));

        assertThat(command(CLIENT, SERVER, 200, 201)).isEqualTo("curl");
    }

    @Test
    void shouldEndNoSocketsByACheckpointThatNamesNone() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 150, 1),
                program(Kind.PROCESS, 150, CURL, "curl"),
                checkpoint(CheckpointPart.END, 150, 1));

        assertThat(command(CLIENT, SERVER, 200, 201)).isEqualTo("curl");
    }

    @Test
    void shouldKeepWhatBeganAfterTheMomentOfACheckpoint() {
        take(
                event(Kind.CONNECT, 151, CURL, socket(CLIENT, SERVER, "ESTABLISHED")),
                checkpoint(CheckpointPart.BEGIN, 150, 1),
                event(Kind.SOCKET, 150, NGINX, socket(SERVER, CLIENT, "ESTABLISHED")),
                checkpoint(CheckpointPart.END, 150, 1));

        assertThat(command(CLIENT, SERVER, 200, 201)).isEqualTo("curl");
    }

    @Test
    void shouldTellNetworkNamespacesApartByThePodOfTheAddress() {
        take(
                event(Kind.STATE, 90, NGINX, socket("0.0.0.0:8080", "0.0.0.0:0", "LISTEN", 1L), container("a")),
                event(
                        Kind.STATE,
                        90,
                        process(31, 1, "b"),
                        socket("0.0.0.0:8080", "0.0.0.0:0", "LISTEN", 2L),
                        container("b")),
                event(Kind.STATE, 90, process(32, 1, "host"), socket("0.0.0.0:8080", "0.0.0.0:0", "LISTEN", 3L)));
        assertThat(command("10.1.0.1:8080", "10.1.0.9:5000", 100, 101)).as("anybody's").isNull();

        pod("a", "10.1.0.1");
        pod("b", "10.1.0.2");
        assertThat(command("10.1.0.1:8080", "10.1.0.9:5000", 100, 101)).isEqualTo("nginx");
        assertThat(command("10.1.0.2:8080", "10.1.0.9:5000", 100, 101)).isEqualTo("b");
        assertThat(command("127.0.0.1:8080", "127.0.0.1:5000", 100, 101)).as("the node's own").isEqualTo("host");
    }

    @Test
    void shouldNameNobodyWhereSeveralMayBeMeant() {
        take(
                event(Kind.CONNECT, 100, CURL, socket(CLIENT, SERVER, "ESTABLISHED", 1L)),
                event(Kind.CONNECT, 100, process(21, 1, "wget"), socket(CLIENT, SERVER, "ESTABLISHED", 2L)));

        assertThat(command(CLIENT, SERVER, 100, 101)).isNull();
    }

    @Test
    void shouldFindTheClientBehindAServicesAddress() {
        builder.kubernetesChange(
                "cluster",
                KubernetesChanges.whole(
                        KubernetesChange.Kind.KNOWN,
                        "Service",
                        "ledger",
                        90,
                        Map.of("spec", Map.of("clusterIP", "10.96.0.5"))));
        take(
                event(Kind.CONNECT, 100, CURL, socket("10.1.0.1:40000", "10.96.0.5:80", "ESTABLISHED")),
                event(Kind.CONNECT, 100, NGINX, socket("10.1.0.1:40001", "10.9.9.9:80", "ESTABLISHED")));

        assertThat(command("10.1.0.1:40000", "10.96.0.5:80", 100, 101)).isEqualTo("curl");
        assertThat(command("10.1.0.1:40000", "10.1.0.2:8080", 100, 101)).as("beyond the translation").isEqualTo("curl");
        assertThat(command("10.1.0.1:40001", "10.1.0.2:8080", 100, 101)).as("not translated").isNull();
    }

    @Test
    void shouldCountWhatIsBeyondItsBoundsOrCannotBeUsed() {
        ResolutionBuilder small = new ResolutionBuilder(new ResolutionLimits(1, 1, 2, 1));
        for (int port = 40_000; port < 40_005; port++) {
            SocketInfo socket = socket("10.0.0.1:" + port, SERVER, "ESTABLISHED");
            small.osEvent("n1", event(Kind.CONNECT, 100, process(port, 1, "x"), socket));
        }
        small.osEvent(
                "n1", event(Kind.CONNECT, 100, CURL, new SocketInfo("tcp", "nowhere", 1, "x", 2, null, "", null)));
        small.osEvent("n1", event(Kind.CONNECT, 100, CURL, new SocketInfo("sctp", "::1", 1, "::1", 2, null, "", null)));

        assertThat(small.build().omitted())
                .containsEntry("sockets", 3L)
                .containsEntry("processes", 6L)
                .containsEntry("records", 2L);
    }

    private void take(OsEvent... events) {
        List.of(events).forEach(event -> builder.osEvent("n1", event));
    }

    private void pod(String name, String address) {
        builder.kubernetesChange(
                "n1",
                KubernetesChanges.whole(
                        KubernetesChange.Kind.ADDED, "Pod", name, 80, KubernetesChanges.pod(name, address, 70)));
    }

    private @Nullable String command(String local, String remote, long fromS, long toS) {
        return find(local, remote, fromS, toS).map(SocketOwner::command).orElse(null);
    }

    private SocketOwner owner(String local, String remote, long fromS, long toS) {
        return find(local, remote, fromS, toS).orElseThrow();
    }

    private Optional<SocketOwner> find(String local, String remote, long fromS, long toS) {
        return builder.build()
                .owner("n1", 6, address(local), address(remote), fromS * 1_000_000_000L, toS * 1_000_000_000L);
    }

    private static InetSocketAddress address(String end) {
        SocketInfo parsed = socket(end, end, "");
        return new InetSocketAddress(InetAddress.ofLiteral(parsed.localAddress()), parsed.localPort());
    }
}
