package io.hindsight.agent.os.netlink;

/**
 * What every netlink message starts with: {@code struct nlmsghdr} (linux/netlink.h), in the machine's byte order.
 *
 * <pre>
 * offset  width  field
 *      0      4  nlmsg_len    with this header
 *      4      2  nlmsg_type
 *      6      2  nlmsg_flags
 *      8      4  nlmsg_seq
 *     12      4  nlmsg_pid
 * </pre>
 */
final class NetlinkDescriptor {
    static final int LENGTH_OFFSET = 0;
    static final int TYPE_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    static final int FLAGS_OFFSET = TYPE_OFFSET + Short.BYTES;
    static final int SEQUENCE_OFFSET = FLAGS_OFFSET + Short.BYTES;
    static final int PORT_OFFSET = SEQUENCE_OFFSET + Integer.BYTES;
    static final int HEADER_LENGTH = PORT_OFFSET + Integer.BYTES;

    static final int TYPE_ERROR = 2;
    static final int TYPE_DONE = 3;

    static final int FLAG_REQUEST = 0x001;
    static final int FLAG_DUMP = 0x300;

    /** {@code struct sockaddr_nl}: family (2), padding (2), port (4), groups (4). */
    static final int ADDRESS_LENGTH = 12;

    static final int ADDRESS_GROUPS_OFFSET = 8;

    private NetlinkDescriptor() {}
}
