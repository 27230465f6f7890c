package io.hindsight.agent.os;

/**
 * What the kernel programs write into their ring buffer ({@code src/main/ebpf/records.h}). All fields in the machine's byte order, but for addresses, which
 * are as on the wire. Times are of {@code CLOCK_BOOTTIME}. No checksum: it is memory of one machine, written a moment ago.
 *
 * <pre>
 * offset  width  field
 *      0      8  time
 *      8      4  kind                   position in {@link EbpfStateDescriptor#KINDS}
 *     12      4  detail                 EXIT: as wait(2) tells it; OOM_KILL: the signal
 *     16      8  process: started       0: not known
 *     24      8  process: cgroup id     0: none
 *     32      4  process: pid           0: no process is known
 *     36      4  process: tid
 *     40      4  process: parent's pid
 *     44      4  process: user
 *     48     16  process: command       ends at the first zero byte
 *
 * EXEC, further:
 *     64      4  bytes of arguments that the process has
 *     68      4  bytes of them that stand here
 *     72         arguments, each with its zero byte
 *
 * CONNECT, ACCEPT, STATE, CLOSE, further:
 *     64      4  inode of the network namespace
 *     68      2  address family         2: IPv4; 10: IPv6
 *     70      2  local port
 *     72      2  remote port
 *     74      1  state before           net/tcp_states.h
 *     75      1  state
 *     80     16  local address          IPv4: the first four bytes
 *     96     16  remote address
 * </pre>
 */
final class EbpfRecordDescriptor {
    static final int TIME_OFFSET = 0;
    static final int KIND_OFFSET = TIME_OFFSET + Long.BYTES;
    static final int DETAIL_OFFSET = KIND_OFFSET + Integer.BYTES;
    static final int STARTED_OFFSET = DETAIL_OFFSET + Integer.BYTES;
    static final int CGROUP_ID_OFFSET = STARTED_OFFSET + Long.BYTES;
    static final int PID_OFFSET = CGROUP_ID_OFFSET + Long.BYTES;
    static final int TID_OFFSET = PID_OFFSET + Integer.BYTES;
    static final int PARENT_PID_OFFSET = TID_OFFSET + Integer.BYTES;
    static final int UID_OFFSET = PARENT_PID_OFFSET + Integer.BYTES;
    static final int COMMAND_OFFSET = UID_OFFSET + Integer.BYTES;
    static final int COMMAND_LENGTH = 16;
    static final int HEAD_LENGTH = COMMAND_OFFSET + COMMAND_LENGTH;

    static final int ARGUMENT_BYTES_OFFSET = HEAD_LENGTH;
    static final int COPIED_BYTES_OFFSET = ARGUMENT_BYTES_OFFSET + Integer.BYTES;
    static final int ARGUMENTS_OFFSET = COPIED_BYTES_OFFSET + Integer.BYTES;

    static final int NETNS_OFFSET = HEAD_LENGTH;
    static final int FAMILY_OFFSET = NETNS_OFFSET + Integer.BYTES;
    static final int LOCAL_PORT_OFFSET = FAMILY_OFFSET + Short.BYTES;
    static final int REMOTE_PORT_OFFSET = LOCAL_PORT_OFFSET + Short.BYTES;
    static final int OLD_STATE_OFFSET = REMOTE_PORT_OFFSET + Short.BYTES;
    static final int STATE_OFFSET = OLD_STATE_OFFSET + Byte.BYTES;
    private static final int RESERVED_OFFSET = STATE_OFFSET + Byte.BYTES;
    static final int LOCAL_ADDRESS_OFFSET = RESERVED_OFFSET + Integer.BYTES;
    static final int ADDRESS_LENGTH = 16;
    static final int REMOTE_ADDRESS_OFFSET = LOCAL_ADDRESS_OFFSET + ADDRESS_LENGTH;

    static final int FAMILY_IPV6 = 10;
    static final int IPV4_LENGTH = 4;

    private EbpfRecordDescriptor() {}
}
