package io.hindsight.agent.os.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.hindsight.agent.capture.linux.NetlinkDescriptor;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.netty.util.NetUtil;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.function.Predicate;

/** Lists the TCP and UDP sockets of the calling thread's network namespace ({@code sock_diag}, man 7). Stateless. */
final class SocketDiag {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;

    /** Every state but TIME_WAIT and NEW_SYN_RECV: such sockets belong to no process. */
    private static final int STATES = ~(1 << 6 | 1 << 12);

    private static final int TIMEOUT_MS = 2_000;
    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketDiag() {}

    /**
     * Lists them all, those of no process left out.
     *
     * @param netns inode of the calling thread's network namespace
     * @param sockets takes each; returns false to hear of no more
     * @throws HindsightException where the kernel does not answer, or has no {@code sock_diag}
     */
    static void list(long netns, Predicate<NetSocket> sockets) {
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.SOCK_DIAG, 0)) {
            boolean wanted = true;
            for (int family : new int[] {AF_INET, AF_INET6}) {
                for (int protocol : new int[] {IPPROTO_TCP, IPPROTO_UDP}) {
                    request(socket, family, protocol);
                    wanted = receive(socket, netns, protocol, sockets, wanted);
                }
            }
        }
    }

    private static void request(NetlinkSocket socket, int family, int protocol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(SocketDiagDescriptor.REQUEST_LENGTH, Integer.BYTES);
            message.set(JAVA_INT, NetlinkDescriptor.LENGTH_OFFSET, SocketDiagDescriptor.REQUEST_LENGTH);
            message.set(JAVA_SHORT, NetlinkDescriptor.TYPE_OFFSET, (short) SocketDiagDescriptor.TYPE);
            message.set(
                    JAVA_SHORT,
                    NetlinkDescriptor.FLAGS_OFFSET,
                    (short) (NetlinkDescriptor.FLAG_REQUEST | NetlinkDescriptor.FLAG_DUMP));
            message.set(JAVA_BYTE, SocketDiagDescriptor.FAMILY_OFFSET, (byte) family);
            message.set(JAVA_BYTE, SocketDiagDescriptor.REQUEST_PROTOCOL_OFFSET, (byte) protocol);
            message.set(JAVA_INT, SocketDiagDescriptor.REQUEST_STATES_OFFSET, STATES);
            socket.send(message, "SOCK_DIAG_BY_FAMILY");
        }
    }

    /** Reads an answer to its end, so that the next question can be asked, though nothing more is wanted. */
    private static boolean receive(
            NetlinkSocket socket, long netns, int protocol, Predicate<NetSocket> sockets, boolean wantedBefore) {
        boolean wanted = wantedBefore;
        while (true) {
            MemorySegment datagram = next(socket);
            long offset = 0;
            while (offset + NetlinkDescriptor.HEADER_LENGTH <= datagram.byteSize()) {
                int length = datagram.get(JAVA_INT_UNALIGNED, offset + NetlinkDescriptor.LENGTH_OFFSET);
                if (length < NetlinkDescriptor.HEADER_LENGTH || offset + length > datagram.byteSize()) {
                    throw new HindsightException(ErrorCode.IO_FAILED, "sock_diag answered with length=" + length + ".");
                }
                MemorySegment message = datagram.asSlice(offset, length);
                if (isEnd(message)) {
                    return wanted;
                }
                wanted = wanted && offer(message, netns, protocol, sockets);
                offset += length + 3L & -4L;
            }
        }
    }

    private static MemorySegment next(NetlinkSocket socket) {
        try {
            if (socket.await(TIMEOUT_MS)) {
                return socket.receive();
            }
        } catch (NetlinkSocket.Overrun overrun) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "The kernel lost a part of its list of sockets.", overrun);
        }
        throw new HindsightException(
                ErrorCode.IO_FAILED, "The kernel did not list its sockets within timeoutMs=" + TIMEOUT_MS + ".");
    }

    private static boolean isEnd(MemorySegment message) {
        int type = message.get(JAVA_SHORT_UNALIGNED, NetlinkDescriptor.TYPE_OFFSET);
        if (type == NetlinkDescriptor.TYPE_ERROR) {
            int errno =
                    message.byteSize() < NetlinkDescriptor.HEADER_LENGTH + Integer.BYTES
                            ? 0
                            : -message.get(JAVA_INT_UNALIGNED, NetlinkDescriptor.HEADER_LENGTH);
            throw NetlinkSocket.failure("SOCK_DIAG_BY_FAMILY", errno);
        }
        return type == NetlinkDescriptor.TYPE_DONE;
    }

    private static boolean offer(MemorySegment message, long netns, int protocol, Predicate<NetSocket> sockets) {
        if (message.byteSize() < SocketDiagDescriptor.LENGTH) {
            return true;
        }
        long inode = Integer.toUnsignedLong(message.get(JAVA_INT_UNALIGNED, SocketDiagDescriptor.INODE_OFFSET));
        if (inode == 0) {
            return true;
        }
        int family = message.get(JAVA_BYTE, SocketDiagDescriptor.FAMILY_OFFSET);
        int state = message.get(JAVA_BYTE, SocketDiagDescriptor.STATE_OFFSET);
        boolean tcp = protocol == IPPROTO_TCP;
        return sockets.test(
                new NetSocket(
                        netns,
                        tcp ? "tcp" : "udp",
                        address(message, SocketDiagDescriptor.LOCAL_ADDRESS_OFFSET, family),
                        Short.toUnsignedInt(message.get(PORT, SocketDiagDescriptor.LOCAL_PORT_OFFSET)),
                        address(message, SocketDiagDescriptor.REMOTE_ADDRESS_OFFSET, family),
                        Short.toUnsignedInt(message.get(PORT, SocketDiagDescriptor.REMOTE_PORT_OFFSET)),
                        tcp ? SocketStates.tcp(state) : SocketStates.udp(state),
                        inode));
    }

    private static String address(MemorySegment message, int offset, int family) {
        byte[] bytes = message.asSlice(offset, family == AF_INET6 ? 16 : 4).toArray(JAVA_BYTE);
        try {
            // An IPv4 address that is carried in an IPv6 one comes out as IPv4.
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
