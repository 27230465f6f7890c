package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A route netlink socket (man 7 rtnetlink) that hears of every change of an interface in the network namespace of the thread that opened
 * it, and can list them. Used by one thread at a time.
 */
final class RouteNetlinkSocket implements AutoCloseable {
    /** What a message says. */
    interface Listener {
        void exists(Link link);

        void vanished(int index);

        /** The end of a list that {@link #requestList()} asked for. */
        void listed();
    }

    /** Room for as much as the kernel puts into one datagram of a list. */
    private static final int BUFFER_SIZE = 1 << 16;

    /** Changes that the kernel keeps for us while this process gets no processor. */
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final int fd;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_SIZE, Long.BYTES);

    RouteNetlinkSocket() {
        fd =
                SystemCalls.require(
                        LibC.socket(
                                SocketConstants.AF_NETLINK,
                                SocketConstants.SOCK_RAW | SocketConstants.SOCK_CLOEXEC,
                                SocketConstants.NETLINK_ROUTE),
                        "socket(AF_NETLINK)");
        try (Arena arena = Arena.ofConfined()) {
            SystemCalls.require(
                    LibC.setsockopt(
                            fd,
                            SocketConstants.SOL_SOCKET,
                            SocketConstants.SO_RCVBUF,
                            arena.allocateFrom(JAVA_INT, RECEIVE_BUFFER_BYTES)),
                    "setsockopt(SO_RCVBUF)");
            MemorySegment address = arena.allocate(NetlinkDescriptor.ADDRESS_LENGTH, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) SocketConstants.AF_NETLINK);
            address.set(JAVA_INT, NetlinkDescriptor.ADDRESS_GROUPS_OFFSET, LinkMessageDescriptor.GROUP_LINK);
            SystemCalls.require(LibC.bind(fd, address), "bind(AF_NETLINK)");
        } catch (RuntimeException e) {
            LibC.close(fd);
            throw e;
        }
    }

    int fd() {
        return fd;
    }

    /** Asks for every interface; the answer comes through {@link #receive}. */
    void requestList() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(LinkMessageDescriptor.ATTRIBUTES_OFFSET, Integer.BYTES);
            message.set(JAVA_INT, NetlinkDescriptor.LENGTH_OFFSET, (int) message.byteSize());
            message.set(JAVA_SHORT, NetlinkDescriptor.TYPE_OFFSET, (short) LinkMessageDescriptor.TYPE_GET_LINK);
            message.set(JAVA_SHORT, NetlinkDescriptor.FLAGS_OFFSET, (short) LinkMessageDescriptor.FLAGS_DUMP_REQUEST);
            SystemCalls.require(LibC.send(fd, message), "send(RTM_GETLINK)");
        }
    }

    /**
     * Reads what has come, one datagram, without waiting.
     *
     * @return false where nothing had come
     * @throws Overrun where the kernel had to throw changes away
     */
    boolean receive(Listener listener) throws Overrun {
        long length = LibC.recv(fd, buffer, SocketConstants.MSG_DONTWAIT);
        if (length == -SocketConstants.EAGAIN || length == -SocketConstants.EINTR) {
            return false;
        }
        if (length == -SocketConstants.ENOBUFS) {
            throw new Overrun();
        }
        parse(buffer.asSlice(0, SystemCalls.require(length, "recv(AF_NETLINK)")), listener);
        return true;
    }

    /** All messages of a datagram. One that claims more bytes than there are ends it. */
    static void parse(MemorySegment datagram, Listener listener) {
        long offset = 0;
        while (offset + NetlinkDescriptor.HEADER_LENGTH <= datagram.byteSize()) {
            int length = datagram.get(JAVA_INT, offset + NetlinkDescriptor.LENGTH_OFFSET);
            if (length < NetlinkDescriptor.HEADER_LENGTH || offset + length > datagram.byteSize()) {
                return;
            }
            parseMessage(datagram.asSlice(offset, length), listener);
            offset += align(length);
        }
    }

    private static void parseMessage(MemorySegment message, Listener listener) {
        int type = message.get(JAVA_SHORT, NetlinkDescriptor.TYPE_OFFSET);
        if (type == NetlinkDescriptor.TYPE_DONE) {
            listener.listed();
        } else if (type == NetlinkDescriptor.TYPE_ERROR) {
            throw SystemCalls.failure("RTM_GETLINK", -message.get(JAVA_INT, NetlinkDescriptor.HEADER_LENGTH));
        } else if (message.byteSize() >= LinkMessageDescriptor.ATTRIBUTES_OFFSET
                && message.get(JAVA_BYTE, LinkMessageDescriptor.LINK_FAMILY_OFFSET) == 0) {
            parseLink(type, message, listener);
        }
    }

    private static void parseLink(int type, MemorySegment message, Listener listener) {
        int index = message.get(JAVA_INT, LinkMessageDescriptor.LINK_INDEX_OFFSET);
        if (type == LinkMessageDescriptor.TYPE_DELETE_LINK) {
            listener.vanished(index);
        } else if (type == LinkMessageDescriptor.TYPE_NEW_LINK) {
            listener.exists(
                    new Link(
                            index,
                            name(message, "ifindex-" + index),
                            message.get(JAVA_SHORT, LinkMessageDescriptor.LINK_TYPE_OFFSET) & 0xFFFF,
                            (message.get(JAVA_INT, LinkMessageDescriptor.LINK_FLAGS_OFFSET)
                                            & LinkMessageDescriptor.FLAG_UP)
                                    != 0));
        }
    }

    private static String name(MemorySegment message, String absent) {
        long offset = LinkMessageDescriptor.ATTRIBUTES_OFFSET;
        while (offset + LinkMessageDescriptor.ATTRIBUTE_VALUE_OFFSET <= message.byteSize()) {
            int length = message.get(JAVA_SHORT, offset + LinkMessageDescriptor.ATTRIBUTE_LENGTH_OFFSET) & 0xFFFF;
            if (length < LinkMessageDescriptor.ATTRIBUTE_VALUE_OFFSET || offset + length > message.byteSize()) {
                return absent;
            }
            if (message.get(JAVA_SHORT, offset + LinkMessageDescriptor.ATTRIBUTE_TYPE_OFFSET)
                    == LinkMessageDescriptor.ATTRIBUTE_NAME) {
                return message.asSlice(offset, length).getString(LinkMessageDescriptor.ATTRIBUTE_VALUE_OFFSET);
            }
            offset += align(length);
        }
        return absent;
    }

    private static long align(int length) {
        return (length + 3L) & -4L;
    }

    @Override
    public void close() {
        SystemCalls.require(LibC.close(fd), "close(AF_NETLINK)");
    }

    /** Changes were lost: only a new list tells what is. */
    static final class Overrun extends Exception {
        private static final long serialVersionUID = 1L;

        private Overrun() {
            super("The kernel had no room for all changes of interfaces.", null, false, false);
        }
    }
}
