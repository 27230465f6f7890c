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
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole source on the real kernel, with programs in it and without. */
class OsEventSourceIT {
    private static final String SERVER =
            """
            import http.server
            s=http.server.ThreadingHTTPServer(('127.0.0.1',0),http.server.SimpleHTTPRequestHandler)
            print(s.server_port, flush=True); s.serve_forever()
            """;
    private static final int FORKS = 5_000;

    @BeforeEach
    void guard() {
        Root.require("events of the whole machine");
        Tools.require("python3", "curl", "sh");
    }

    private static long nowNs() {
        return EpochNanos.of(Instant.now());
    }

    private static OsEventSource source(String feed) {
        Supplier<OsEventFeed> opener =
                feed.equals("ebpf") ? EbpfFeed::open : () -> NetlinkFeed.open(OsEventSourceIT::nowNs);
        return new OsEventSource(opener.get(), List.of(), PodDirectory.NONE, OsEventSourceIT::nowNs);
    }

    @Test
    void shouldTellWhoSpokeToWhom() throws Exception {
        RecordingSink sink = new RecordingSink();
        try (Child server = new Child("python3", "-c", SERVER);
                OsEventSource source = source("ebpf")) {
            String url = "http://127.0.0.1:" + server.line() + "/";
            source.start(sink);
            await().until(() -> sink.checkpoints() == 1);
            int pid;
            try (Child curl = new Child("curl", "-s", "-o", "/dev/null", url)) {
                pid = curl.pid();
                assertThat(curl.exitStatus()).isZero();
            }
            assertThat(source.drain(20_000)).isTrue();
            OsEvent exec = the(sink, Kind.EXEC, pid);
            OsEvent connect = the(sink, Kind.CONNECT, pid);
            OsEvent accept = the(sink, Kind.ACCEPT, server.pid());
            OsEvent exit = the(sink, Kind.EXIT, pid);
            assertThat(exec.arguments()).containsExactly("curl", "-s", "-o", "/dev/null", url);
            assertThat(Objects.requireNonNull(exec.process()).cgroup()).startsWith("/");
            assertThat(Objects.requireNonNull(exit.process()).cgroup())
                    .isEqualTo(Objects.requireNonNull(exec.process()).cgroup());
            assertThat(exit.exitCode()).isZero();
            SocketInfo mine = Objects.requireNonNull(connect.socket());
            SocketInfo theirs = Objects.requireNonNull(accept.socket());
            assertThat(theirs.remotePort()).isEqualTo(mine.localPort());
            assertThat(theirs.localPort()).isEqualTo(mine.remotePort());
            assertThat(List.of(exec.timeNs(), connect.timeNs(), exit.timeNs())).isSorted();
            assertThat(source.problem()).isNull();
        }
    }

    private static OsEvent the(RecordingSink sink, Kind kind, int pid) {
        return sink.events(event -> event.kind() == kind && pid(event) == pid).stream()
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("no " + kind + " of " + pid));
    }

    private static int pid(OsEvent event) {
        ProcessInfo process = event.process();
        return process == null ? 0 : process.pid();
    }

    /** Of what is missing, at least as much was counted: other programs of the machine may have lost events as well. */
    @ParameterizedTest
    @ValueSource(strings = {"ebpf", "netlink"})
    void shouldRecordOrCountEveryProcessOfABurst(String feed) throws Exception {
        RecordingSink sink = new RecordingSink();
        try (OsEventSource source = source(feed)) {
            source.start(sink);
            await().until(() -> sink.checkpoints() == 1);
            int parent;
            try (Child shell = new Child("sh", "-c", "i=0; while [ $i -lt " + FORKS + " ]; do (:); i=$((i+1)); done")) {
                parent = shell.pid();
                assertThat(shell.exitStatus()).isZero();
            }
            assertThat(source.drain(30_000)).isTrue();
            long recorded = sink.events(event -> event.kind() == Kind.EXIT && isChild(event, parent)).size();
            long counted = sink.dropped(DropCause.KERNEL) + sink.dropped(DropCause.RATE_LIMIT);
            assertThat(recorded).isPositive().isLessThanOrEqualTo(FORKS);
            assertThat(FORKS - recorded).isLessThanOrEqualTo(counted);
            assertThat(sink.dropped(DropCause.OVERSIZE)).isZero();
        }
    }

    private static boolean isChild(OsEvent event, int parent) {
        return event.process() != null && event.process().parentPid() == parent;
    }
}
