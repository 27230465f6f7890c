package io.hindsight.hub.testing;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operating-system events as an agent records them, for tests. Times are seconds since the epoch. */
public final class OsEvents {
    private static final long SECOND_NS = 1_000_000_000L;

    private OsEvents() {}

    /** A process of user 1000. */
    public static ProcessInfo process(int pid, int parentPid, String command) {
        return process(pid, parentPid, command, null);
    }

    /** The same with its start. */
    public static ProcessInfo process(int pid, int parentPid, String command, @Nullable Long startedS) {
        return new ProcessInfo(
                pid, pid, parentPid, command, 1000, null, null, startedS == null ? null : startedS * SECOND_NS);
    }

    /** The first container of the pod of this name in {@code shop}. */
    public static ContainerInfo container(String pod) {
        return new ContainerInfo("ab".repeat(32), "containerd", "uid-" + pod, "shop", pod, "app");
    }

    /** A TCP socket; ends as {@code 10.0.0.1:80}, of IPv6 as {@code ::1/80}. */
    public static SocketInfo socket(String local, String remote, String state) {
        return socket(local, remote, state, null);
    }

    /** The same in a network namespace. */
    public static SocketInfo socket(String local, String remote, String state, @Nullable Long netns) {
        return new SocketInfo("tcp", address(local), port(local), address(remote), port(remote), netns, state, null);
    }

    /** FORK, EXIT: what has a process alone. */
    public static OsEvent event(Kind kind, long timeS, ProcessInfo process) {
        return make(kind, timeS, process, null, null, null, null, null);
    }

    /** EXEC, or a checkpoint's PROCESS. */
    public static OsEvent program(Kind kind, long timeS, ProcessInfo process, String... arguments) {
        return make(kind, timeS, process, List.of(arguments), null, null, part(kind), null);
    }

    /** CONNECT, ACCEPT, STATE, CLOSE, or a checkpoint's SOCKET. */
    public static OsEvent event(Kind kind, long timeS, @Nullable ProcessInfo process, SocketInfo socket) {
        return make(kind, timeS, process, null, socket, null, part(kind), null);
    }

    /** The same of a process in a container. */
    public static OsEvent event(
            Kind kind, long timeS, ProcessInfo process, SocketInfo socket, ContainerInfo container) {
        return make(kind, timeS, process, null, socket, container, part(kind), null);
    }

    /** The first or last record of a checkpoint. */
    public static OsEvent checkpoint(CheckpointPart part, long timeS, long entries) {
        return make(Kind.CHECKPOINT, timeS, null, null, null, null, part, entries);
    }

    private static @Nullable CheckpointPart part(Kind kind) {
        return kind == Kind.PROCESS || kind == Kind.SOCKET ? CheckpointPart.ENTRY : null;
    }

    private static OsEvent make(
            Kind kind,
            long timeS,
            @Nullable ProcessInfo process,
            @Nullable List<String> arguments,
            @Nullable SocketInfo socket,
            @Nullable ContainerInfo container,
            @Nullable CheckpointPart part,
            @Nullable Long count) {
        return new OsEvent(
                kind, timeS * SECOND_NS, process, arguments, null, null, null, socket, container, part, count);
    }

    /** Before the last colon or, of IPv6, the slash. */
    private static String address(String end) {
        return end.substring(0, split(end));
    }

    private static int port(String end) {
        return Integer.parseInt(end.substring(split(end) + 1));
    }

    private static int split(String end) {
        return end.indexOf('/') >= 0 ? end.indexOf('/') : end.lastIndexOf(':');
    }
}
