package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.NetworkNamespace;
import io.hindsight.agent.os.PodDirectory.PodOfContainer;
import io.hindsight.agent.os.proc.CgroupFolders;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checkpoints of this machine, with processes and sockets of the test's own in them. */
class OsInventoryIT {
    private static final String SERVER =
            """
            import http.server
            s=http.server.ThreadingHTTPServer(('127.0.0.1',0),http.server.SimpleHTTPRequestHandler)
            print(s.server_port, flush=True); s.serve_forever()
            """;
    private static final String UDP =
            """
            import socket,sys
            s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); s.bind(('::1',0))
            print(s.getsockname()[1], flush=True); sys.stdin.read()
            """;
    private static final String ID = "5e".repeat(32);
    private static final String POD_UID = "471203d1-984f-477e-9c35-db96487ffe5e";

    @BeforeEach
    void guard() {
        Root.require("sockets of other processes and network namespaces");
        Tools.require("ip", "python3", "sleep");
    }

    private static OsCheckpoint checkpoint(PodDirectory pods) throws InterruptedException {
        ProcFiles files = new ProcFiles(nowNs());
        ProcessTable table = new ProcessTable(files, CgroupFolders.ofMachine(), pods);
        return new OsInventory(files, table, OsInventoryIT::nowNs).take(new OsEntry(1 << 16));
    }

    private static long nowNs() {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    }

    private static List<OsEvent> events(OsCheckpoint checkpoint, Predicate<OsEvent> wanted) {
        return checkpoint.entries().stream().map(RecordingSink::read).filter(wanted).toList();
    }

    private static Predicate<OsEvent> socketOf(int pid) {
        return event -> event.kind() == Kind.SOCKET && event.process() != null && event.process().pid() == pid;
    }

    @Test
    void shouldHoldAServerWithItsSocket() throws Exception {
        try (Child server = new Child("python3", "-c", SERVER)) {
            final int port = Integer.parseInt(server.line());
            OsCheckpoint checkpoint = checkpoint(PodDirectory.NONE);
            OsEvent process =
                    events(checkpoint, event -> event.kind() == Kind.PROCESS && isOf(event, server.pid())).getFirst();
            assertThat(process.arguments()).contains("-c", SERVER);
            assertThat(Objects.requireNonNull(process.process()).startedNs()).isNotNull();
            List<OsEvent> sockets = events(checkpoint, socketOf(server.pid()));
            assertThat(sockets).hasSize(1);
            SocketInfo socket = Objects.requireNonNull(sockets.getFirst().socket());
            assertThat(socket.protocol()).isEqualTo("tcp");
            assertThat(socket.localAddress()).isEqualTo("127.0.0.1");
            assertThat(socket.localPort()).isEqualTo(port);
            assertThat(socket.state()).isEqualTo("LISTEN");
            assertThat(socket.netns()).isEqualTo(ProcFiles.ownNetworkNamespace().orElseThrow());
            assertThat(checkpoint.problem()).isNull();
            assertThat(checkpoint.hidden()).isNull();
        }
    }

    private static boolean isOf(OsEvent event, int pid) {
        return event.process() != null && event.process().pid() == pid;
    }

    @Test
    void shouldHoldSocketsOfOtherNetworkNamespaces() throws Exception {
        long before = ProcFiles.ownNetworkNamespace().orElseThrow();
        try (NetworkNamespace namespace = new NetworkNamespace();
                Child server = new Child(namespace.command("python3", "-c", SERVER))) {
            int port = Integer.parseInt(server.line());
            SocketInfo socket =
                    Objects.requireNonNull(
                            events(checkpoint(PodDirectory.NONE), socketOf(server.pid())).getFirst().socket());
            assertThat(socket.localPort()).isEqualTo(port);
            assertThat(socket.netns()).isNotEqualTo(before).isNotNull();
        }
        assertThat(ProcFiles.ownNetworkNamespace()).as("this thread stays where it is").hasValue(before);
    }

    @Test
    void shouldHoldUdpSocketsToo() throws Exception {
        try (Child child = new Child("python3", "-c", UDP)) {
            int port = Integer.parseInt(child.line());
            SocketInfo socket =
                    Objects.requireNonNull(
                            events(checkpoint(PodDirectory.NONE), socketOf(child.pid())).getFirst().socket());
            assertThat(socket.protocol()).isEqualTo("udp");
            assertThat(socket.localAddress()).isEqualTo("::1");
            assertThat(socket.localPort()).isEqualTo(port);
            assertThat(socket.state()).isEqualTo("UNCONNECTED");
        }
    }

    @Test
    void shouldKnowTheContainerByItsCgroup() throws Exception {
        PodDirectory pods =
                (id, uid) ->
                        id.equals(ID)
                                ? Optional.of(new PodOfContainer(POD_UID, "shop", "checkout-7f8b", "app"))
                                : Optional.empty();
        try (Container container = new Container();
                Child child = new Child("sleep", "60")) {
            container.take(child.pid());
            OsEvent process =
                    events(checkpoint(pods), event -> event.kind() == Kind.PROCESS && isOf(event, child.pid()))
                            .getFirst();
            assertThat(process.container())
                    .isEqualTo(new ContainerInfo(ID, "containerd", POD_UID, "shop", "checkout-7f8b", "app"));
            ProcessInfo info = Objects.requireNonNull(process.process());
            assertThat(info.cgroup()).isEqualTo("/" + container.path());
            assertThat(info.cgroupId()).isEqualTo(container.id());
            shouldKnowShortProcessesByTheirCgroupId(container, child.pid());
        }
    }

    private static void shouldKnowShortProcessesByTheirCgroupId(Container container, int neighbour) throws IOException {
        ProcessTable table = new ProcessTable(new ProcFiles(0), CgroupFolders.ofMachine(), PodDirectory.NONE);
        table.enriched(TestEvents.of(Kind.EXEC, 1, TestEvents.process(neighbour, 1, "sleep", container.id())));
        ProcessInfo gone = TestEvents.process(TestEvents.GONE, TestEvents.GONE + 1, "true", container.id());
        ContainerInfo found = table.enriched(TestEvents.exit(2, gone, 0, null)).container();
        assertThat(Objects.requireNonNull(found).id()).isEqualTo(ID);
    }

    /** Folders as containerd makes them, under version 2, wherever this machine has it. */
    private static final class Container implements AutoCloseable {
        private static final Path ROOT =
                Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))
                        ? Path.of("/sys/fs/cgroup/unified")
                        : Path.of("/sys/fs/cgroup");

        private final String pod = "kubepods-burstable-pod" + POD_UID.replace('-', '_') + ".slice";
        private final Path folder =
                ROOT.resolve("kubepods.slice/kubepods-burstable.slice")
                        .resolve(pod)
                        .resolve("cri-containerd-" + ID + ".scope");

        Container() throws IOException {
            Files.createDirectories(folder);
        }

        String path() {
            return ROOT.relativize(folder).toString();
        }

        long id() throws IOException {
            return ((Number) Files.getAttribute(folder, "unix:ino")).longValue();
        }

        void take(int pid) throws IOException {
            Files.writeString(folder.resolve("cgroup.procs"), Integer.toString(pid));
        }

        @Override
        public void close() {
            Path relative = ROOT.relativize(folder);
            for (int depth = relative.getNameCount(); depth > 0; depth--) {
                File doomed = ROOT.resolve(relative.subpath(0, depth)).toFile();
                // A folder can be removed once the kernel has let its last process go.
                await().until(() -> doomed.delete() || !doomed.exists() || hasOthers(doomed));
            }
        }

        private static boolean hasOthers(File folder) {
            File[] children = folder.listFiles(File::isDirectory);
            return children != null && children.length > 0;
        }
    }
}
