package io.hindsight.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a process did or that befell it, as it stands in {@code HINDSIGHT_JSON}. Immutable. Absent is what does not belong to the kind or
 * could not be known.
 *
 * @param kind what happened
 * @param timeNs when, by the node's wall clock, since the epoch
 * @param process to which; of a FORK the child; absent in the first and last record of a checkpoint
 * @param arguments of EXEC, and of a checkpoint's PROCESS: as the kernel has them, the program first, bounded in number and length
 * @param argumentsCut whether arguments were left out or cut
 * @param exitCode of EXIT: 0 to 255
 * @param signal that ended it, of EXIT and OOM_KILL: 1 to 64
 * @param socket of CONNECT, ACCEPT, STATE, CLOSE and a checkpoint's SOCKET
 * @param container in which the process runs
 * @param checkpoint absent outside of checkpoints
 * @param count of a checkpoint's BEGIN and END: its entries; absent in an END where not all could be named: such a checkpoint says nothing of what it
 *     does not name
 */
public record OsEvent(
        Kind kind,
        long timeNs,
        @Nullable ProcessInfo process,
        @Nullable List<String> arguments,
        @Nullable Boolean argumentsCut,
        @Nullable Integer exitCode,
        @Nullable Integer signal,
        @Nullable SocketInfo socket,
        @Nullable ContainerInfo container,
        @Nullable CheckpointPart checkpoint,
        @Nullable Long count) {
    public OsEvent {
        arguments = arguments == null ? null : List.copyOf(arguments);
    }

    /** What happened. Names are stable. */
    public enum Kind {
        /** A process was made by another. */
        FORK,
        /** A process became another program. */
        EXEC,
        /** A process, not one of its threads, ended. */
        EXIT,
        /** A TCP connection that this process asked for was established, or, with a closed socket's state, refused. */
        CONNECT,
        /** This process took a TCP connection from a listening socket. */
        ACCEPT,
        /** A TCP socket changed its state; {@code process} is its owner, where that is known, never who happened to run. */
        STATE,
        /** A TCP socket was closed. */
        CLOSE,
        /** The kernel chose the process to be killed because memory ran out. */
        OOM_KILL,
        /** Of a checkpoint: a process that runs. */
        PROCESS,
        /** Of a checkpoint: a socket that is open, and who holds it. */
        SOCKET,
        /** First and last record of a checkpoint. */
        CHECKPOINT
    }

    /**
     * A process.
     *
     * @param pid of the process (thread group), as the node's first pid namespace has it
     * @param tid of the thread
     * @param parentPid of its parent
     * @param command at most 15 bytes: the kernel's {@code comm}
     * @param uid real user, as the node's first user namespace has it
     * @param cgroupId inode of its cgroup v2 folder; absent where there is none
     * @param cgroup path of its cgroup; absent where the process was gone before it could be read
     * @param startedNs when it started, since the epoch; absent where that is not known
     */
    public record ProcessInfo(
            int pid,
            int tid,
            int parentPid,
            String command,
            int uid,
            @Nullable Long cgroupId,
            @Nullable String cgroup,
            @Nullable Long startedNs) {}

    /**
     * A socket, seen from the process that owns it.
     *
     * @param protocol {@code tcp} or {@code udp}
     * @param localAddress numeric; an IPv4 address that an IPv6 socket carries is written as IPv4
     * @param localPort 0 to 65,535
     * @param remoteAddress numeric; the unspecified address for a listening socket
     * @param remotePort 0 to 65,535
     * @param netns inode number of its network namespace; absent where that is not known
     * @param state now, RFC 9293: {@code ESTABLISHED}, {@code LISTEN}, …
     * @param oldState before, of STATE and CLOSE
     */
    public record SocketInfo(
            String protocol,
            String localAddress,
            int localPort,
            String remoteAddress,
            int remotePort,
            @Nullable Long netns,
            String state,
            @Nullable String oldState) {}

    /**
     * The container around a process, as far as its cgroup and the node's pods tell.
     *
     * @param id 64 hexadecimal digits
     * @param runtime {@code containerd}, {@code crio}, {@code docker}; absent where the path does not tell
     * @param podUid of the pod
     * @param namespace of the pod
     * @param pod name
     * @param name of the container within its pod
     */
    public record ContainerInfo(
            String id,
            @Nullable String runtime,
            @Nullable String podUid,
            @Nullable String namespace,
            @Nullable String pod,
            @Nullable String name) {}
}
