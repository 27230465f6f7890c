package io.hindsight.agent.capture.linux;

/** Numbers of system calls' arguments (sys/socket.h, linux/if_packet.h, linux/if_ether.h, sys/mman.h), as on x86-64 and aarch64. */
final class SocketConstants {
    static final int AF_NETLINK = 16;
    static final int AF_PACKET = 17;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = 0x8_0000;
    static final int NETLINK_ROUTE = 0;

    /** {@code ETH_P_ALL} in network byte order, as {@code sll_protocol} wants it. */
    static final short EVERY_PROTOCOL = 0x0300;

    static final int SOL_SOCKET = 1;
    static final int SO_ERROR = 4;
    static final int SO_RCVBUF = 8;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_TIMESTAMPNS = 35;

    static final int SOL_PACKET = 263;
    static final int PACKET_RX_RING = 5;
    static final int PACKET_STATISTICS = 6;
    static final int PACKET_VERSION = 10;
    static final int PACKET_FANOUT = 18;

    static final int TPACKET_V3 = 2;

    /** {@code PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER}: a flow stays with its thread, unless that one's ring is full. */
    static final int FANOUT_HASH_ROLLOVER = 0x1000;

    /** {@code PACKET_FANOUT_FLAG_UNIQUEID}: the kernel chooses a group number that nobody uses. */
    static final int FANOUT_UNIQUE_ID = 0x2000;

    static final int PROT_READ_WRITE = 3;
    static final int MAP_SHARED = 1;

    static final int MSG_DONTWAIT = 0x40;
    static final int O_RDONLY_CLOEXEC = SOCK_CLOEXEC;
    static final int CLONE_NEWNET = 0x4000_0000;
    static final int EFD_CLOEXEC_NONBLOCK = SOCK_CLOEXEC | 0x800;

    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int ENETDOWN = 100;
    static final int ENOBUFS = 105;

    private SocketConstants() {}
}
