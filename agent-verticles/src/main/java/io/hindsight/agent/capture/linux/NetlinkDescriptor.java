package io.hindsight.agent.capture.linux;

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
public final class NetlinkDescriptor {
    public static final int LENGTH_OFFSET = 0;
    public static final int TYPE_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    public static final int FLAGS_OFFSET = TYPE_OFFSET + Short.BYTES;
    public static final int SEQUENCE_OFFSET = FLAGS_OFFSET + Short.BYTES;
    public static final int PORT_OFFSET = SEQUENCE_OFFSET + Integer.BYTES;
    public static final int HEADER_LENGTH = PORT_OFFSET + Integer.BYTES;

    public static final int TYPE_ERROR = 2;
    public static final int TYPE_DONE = 3;

    public static final int FLAG_REQUEST = 0x001;
    public static final int FLAG_DUMP = 0x300;

    /** {@code struct sockaddr_nl}: family (2), padding (2), port (4), groups (4). */
    public static final int ADDRESS_LENGTH = 12;

    public static final int ADDRESS_GROUPS_OFFSET = 8;

    private NetlinkDescriptor() {}
}
