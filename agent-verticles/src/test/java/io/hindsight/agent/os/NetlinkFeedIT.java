package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real kernel's process connector and sockets. */
class NetlinkFeedIT {
    /** Listens, says where, takes one connection, and ends it when its input ends. */
    private static final String SERVER =
            """
            import socket,sys
            s=socket.socket(); s.bind(('127.0.0.1',0)); s.listen()
            print(s.getsockname()[1], flush=True)
            c,_=s.accept(); print('accepted', flush=True); sys.stdin.read(); c.close()
            """;

    private static final String CLIENT =
            """
            import socket,sys
            s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))
            print(s.getsockname()[1], flush=True); sys.stdin.read()
            """;

    private static final int SMALL_BUFFER_BYTES = 1 << 18;

    private final List<OsEvent> events = new ArrayList<>();
    private NetlinkFeed feed = unopened();

    @SuppressWarnings("NullAway") // set before each test
    private static NetlinkFeed unopened() {
        return null;
    }

    private static long nowNs() {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    }

    @BeforeEach
    void open() {
        Root.require("the kernel's process connector");
        Tools.require("python3", "sh");
        feed = NetlinkFeed.open(NetlinkFeedIT::nowNs);
    }

    @AfterEach
    void close() {
        if (feed != null) {
            feed.close();
        }
    }

    private boolean has(Kind kind, int pid) {
        feed.poll(events::add, 10);
        return events.stream().anyMatch(event -> event.kind() == kind && pid(event) == pid);
    }

    private OsEvent the(Kind kind, int pid) {
        return events.stream().filter(event -> event.kind() == kind && pid(event) == pid).findFirst().orElseThrow();
    }

    private static int pid(OsEvent event) {
        return event.process() == null ? 0 : event.process().pid();
    }

    @Test
    void shouldTellOfAProcessFromItsStartToItsEnd() throws Exception {
        long before = nowNs();
        try (Child child = new Child("sh", "-c", "read line; exit 7", "two words")) {
            await().until(() -> has(Kind.EXEC, child.pid()));
            child.endInput();
            assertThat(child.exitStatus()).isEqualTo(7);
            await().until(() -> has(Kind.EXIT, child.pid()));
            OsEvent exec =
                    events.stream()
                            .filter(event -> event.kind() == Kind.EXEC && pid(event) == child.pid())
                            .reduce((first, last) -> last)
                            .orElseThrow();
            assertThat(exec.arguments()).containsExactly("sh", "-c", "read line; exit 7", "two words");
            ProcessInfo process = Objects.requireNonNull(exec.process());
            assertThat(process.command()).isEqualTo("sh");
            assertThat(process.uid()).isZero();
            OsEvent exit = the(Kind.EXIT, child.pid());
            assertThat(exit.exitCode()).isEqualTo(7);
            assertThat(exit.signal()).isNull();
            assertThat(Objects.requireNonNull(exit.process()).command()).isEqualTo("sh");
            assertThat(Objects.requireNonNull(exit.process()).parentPid())
                    .isEqualTo((int) ProcessHandle.current().pid());
            assertThat(exit.timeNs()).isBetween(before - 50_000_000, nowNs() + 50_000_000);
            assertThat(the(Kind.FORK, child.pid()).timeNs()).isLessThan(exit.timeNs());
        }
    }

    @Test
    void shouldTellWhichSignalEndedAProcess() throws Exception {
        try (Child child = new Child("sleep", "60")) {
            await().until(() -> has(Kind.EXEC, child.pid()));
            child.kill();
            await().until(() -> has(Kind.EXIT, child.pid()));
            assertThat(the(Kind.EXIT, child.pid()).signal()).isEqualTo(9);
            assertThat(the(Kind.EXIT, child.pid()).exitCode()).isNull();
        }
    }

    @Test
    void shouldTellOfNoThreads() throws Exception {
        int self = (int) ProcessHandle.current().pid();
        Thread thread = Thread.ofPlatform().start(Thread::yield);
        thread.join();
        try (Child child = new Child("true")) {
            await().until(() -> has(Kind.EXIT, child.pid()));
        }
        assertThat(events).noneMatch(event -> event.kind() == Kind.EXIT && pid(event) == self);
    }

    /** While nobody reads, the kernel throws events away: what it told and what it threw away are all that another listener heard. */
    @Test
    void shouldCountExactlyWhatABurstLost() throws Exception {
        int processes = 3_000;
        feed.close();
        feed = NetlinkFeed.open(NetlinkFeedIT::nowNs, SMALL_BUFFER_BYTES);
        try (ConnectorWitness witness = new ConnectorWitness()) {
            final long outerStart = witness.received();
            settle();
            feed.takeLost(DropCause.KERNEL);
            final long receivedBefore = feed.received();
            witness.catchUp();
            final long innerStart = witness.received();
            try (Child shell =
                    new Child(
                            "sh",
                            "-c",
                            "i=0; while [ $i -lt " + processes + " ]; do (:); i=$((i+1)); done; echo done")) {
                assertThat(shell.line()).isEqualTo("done");
                assertThat(shell.exitStatus()).isZero();
            }
            final long innerEnd = witness.received();
            settle();
            long lost = feed.takeLost(DropCause.KERNEL);
            long total = feed.received() - receivedBefore + lost;
            witness.catchUp();
            assertThat(witness.lost()).as("lost by the witness").isZero();
            assertThat(lost).as("the buffer is too small for so many").isPositive();
            assertThat(total).isBetween(innerEnd - innerStart, witness.received() - outerStart);
            // Each was forked and exited; the shell as well, and became what it is.
            assertThat(total).isGreaterThanOrEqualTo(2L * processes + 3);
        }
    }

    /** Reads what there is, and lets something happen on every processor, so that no loss stays unknown. */
    private void settle() throws Exception {
        for (int processor = 0; processor < Runtime.getRuntime().availableProcessors(); processor++) {
            while (feed.poll(event -> {}, 0) > 0) {
                // all that was kept
            }
            try (Child child = new Child("taskset", "-c", "" + processor, "sh", "-c", "(:); (:)")) {
                child.exitStatus();
            }
        }
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (feed.poll(event -> {}, 50) > 0 && System.nanoTime() < deadlineNs) {
            // and what that was; other programs of the machine may never let it be quiet
        }
    }

    @Test
    void shouldFindConnectionsAndWhoAcceptedThem() throws Exception {
        feed.poll(events::add, 10); // the first look at sockets tells nothing
        try (Child server = new Child("python3", "-c", SERVER)) {
            String port = server.line();
            try (Child client = new Child("python3", "-c", CLIENT, port)) {
                final int clientPort = Integer.parseInt(client.line());
                assertThat(server.line()).isEqualTo("accepted");
                await().until(() -> has(Kind.ACCEPT, server.pid()) && has(Kind.CONNECT, client.pid()));
                SocketInfo accepted = Objects.requireNonNull(the(Kind.ACCEPT, server.pid()).socket());
                assertThat(accepted.localAddress()).isEqualTo("127.0.0.1");
                assertThat(accepted.localPort()).isEqualTo(Integer.parseInt(port));
                assertThat(accepted.remotePort()).isEqualTo(clientPort);
                assertThat(accepted.netns()).isNotNull();
                SocketInfo connected = Objects.requireNonNull(the(Kind.CONNECT, client.pid()).socket());
                assertThat(connected.localPort()).isEqualTo(clientPort);
                client.endInput();
                server.endInput();
                client.exitStatus();
                await().until(() -> has(Kind.CLOSE, server.pid()) && has(Kind.CLOSE, client.pid()));
                assertThat(Objects.requireNonNull(the(Kind.CLOSE, server.pid()).socket()).state()).isEqualTo("CLOSE");
            }
        }
        assertThat(feed.programs())
                .anyMatch(program -> !program.attached() && String.valueOf(program.reason()).contains("not seen"));
    }
}
