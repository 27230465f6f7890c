package io.hindsight.agent.os.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.agent.capture.linux.LibC;
import io.hindsight.agent.capture.linux.NetlinkDescriptor;
import io.hindsight.agent.capture.linux.PollDescriptor;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A netlink socket (man 7 netlink) in the network namespace of the thread that opens it. Used by one thread at a time. */
final class NetlinkSocket implements AutoCloseable {
    /** {@code NETLINK_SOCK_DIAG}. */
    static final int SOCK_DIAG = 4;

    /** {@code NETLINK_CONNECTOR}. */
    static final int CONNECTOR = 11;

    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int ENOBUFS = 105;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x8_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_DONTWAIT = 0x40;

    /** Room for as much as the kernel puts into one datagram. */
    private static final int BUFFER_SIZE = 1 << 16;

    private final int fd;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, Long.BYTES);
    private final MemorySegment descriptor = arena.allocate(PollDescriptor.LENGTH, Integer.BYTES);

    private NetlinkSocket(int fd) {
        this.fd = fd;
        descriptor.set(JAVA_INT, PollDescriptor.FD_OFFSET, fd);
        descriptor.set(JAVA_SHORT, PollDescriptor.EVENTS_OFFSET, PollDescriptor.POLLIN);
    }

    /**
     * Opens one of the kernel's families, as member of these groups.
     *
     * @throws HindsightException MISSING_PRIVILEGE, or IO_FAILED where the kernel has no such family here
     */
    static NetlinkSocket open(int family, int groups) {
        int fd = require(LibC.socket(AF_NETLINK, SOCK_DGRAM_CLOEXEC, family), "socket(AF_NETLINK, " + family + ")");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(NetlinkDescriptor.ADDRESS_LENGTH, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(JAVA_INT, NetlinkDescriptor.ADDRESS_GROUPS_OFFSET, groups);
            require(LibC.bind(fd, address), "bind(AF_NETLINK, " + family + ")");
            return new NetlinkSocket(fd);
        } catch (RuntimeException e) {
            LibC.close(fd);
            throw e;
        }
    }

    /** How much the kernel keeps for us while this thread gets no processor, beyond the system's bound. Needs CAP_NET_ADMIN. */
    void keep(int bytes) {
        try (Arena confined = Arena.ofConfined()) {
            require(
                    LibC.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, confined.allocateFrom(JAVA_INT, bytes)),
                    "setsockopt(SO_RCVBUFFORCE)");
        }
    }

    void send(MemorySegment message, String what) {
        require(LibC.send(fd, message), "send(" + what + ")");
    }

    /** Waits until something can be received, at most so long. */
    boolean await(int timeoutMs) {
        int ready = LibC.poll(descriptor, timeoutMs);
        if (ready == -EINTR) {
            return false;
        }
        return require(ready, "poll(AF_NETLINK)") > 0;
    }

    /**
     * Receives one datagram without waiting, into a buffer that the next call uses again.
     *
     * @return the datagram; empty where none had come
     * @throws Overrun where the kernel had to throw some away
     */
    MemorySegment receive() throws Overrun {
        long length = LibC.recv(fd, buffer, MSG_DONTWAIT);
        if (length == -EAGAIN || length == -EINTR) {
            return buffer.asSlice(0, 0);
        }
        if (length == -ENOBUFS) {
            throw new Overrun();
        }
        return buffer.asSlice(0, require(length, "recv(AF_NETLINK)"));
    }

    static int require(int result, String call) {
        if (result < 0) {
            throw failure(call, -result);
        }
        return result;
    }

    private static long require(long result, String call) {
        if (result < 0) {
            throw failure(call, (int) -result);
        }
        return result;
    }

    static HindsightException failure(String call, int errno) {
        boolean refused = errno == EPERM || errno == EACCES;
        return new HindsightException(
                refused ? ErrorCode.MISSING_PRIVILEGE : ErrorCode.IO_FAILED,
                call
                        + " failed: "
                        + LibC.errorText(errno)
                        + " (errno="
                        + errno
                        + ")."
                        + (refused
                                ? " Events of processes and sockets need root, or CAP_NET_ADMIN and CAP_SYS_PTRACE."
                                : ""));
    }

    @Override
    public void close() {
        require(LibC.close(fd), "close(AF_NETLINK)");
    }

    /** Messages were lost. */
    static final class Overrun extends Exception {
        private static final long serialVersionUID = 1L;

        private Overrun() {
            super("The kernel had no room for all messages.", null, false, false);
        }
    }
}
