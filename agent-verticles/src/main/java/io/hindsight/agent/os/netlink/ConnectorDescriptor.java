package io.hindsight.agent.os.netlink;

import io.hindsight.agent.capture.linux.NetlinkDescriptor;

/**
 * The process connector's messages: {@code struct cn_msg} (linux/connector.h) and in it {@code struct proc_event} (linux/cn_proc.h), in the machine's byte order.
 *
 * <pre>
 * offset  width  field
 *      0     16  struct nlmsghdr
 *     16      4  idx            1: processes
 *     20      4  val            1
 *     24      4  seq            of an event: counts the events of its processor
 *     28      4  ack
 *     32      2  len            of what follows the next field
 *     34      2  flags
 *     36      4  what           PROC_EVENT_; in a request: 1 listen, 2 ignore
 *     40      4  cpu            that sent it; -1 in the answer to a request
 *     44      8  timestamp_ns   CLOCK_MONOTONIC
 *     52      4  fork: parent_pid    exec, exit, uid, comm: process_pid     answer: err
 *     56      4  fork: parent_tgid   exec, exit, uid, comm: process_tgid
 *     60      4  fork: child_pid     exit: exit_code      uid: ruid         comm: 16 bytes
 *     64      4  fork: child_tgid    exit: exit_signal    uid: euid
 *     68      4                      exit: parent_pid
 *     72      4                      exit: parent_tgid
 * </pre>
 *
 * <p>{@code pid} is that of a thread here, {@code tgid} that of the process.
 */
final class ConnectorDescriptor {
    static final int INDEX_OFFSET = NetlinkDescriptor.HEADER_LENGTH;
    static final int VALUE_OFFSET = INDEX_OFFSET + Integer.BYTES;
    static final int SEQUENCE_OFFSET = VALUE_OFFSET + Integer.BYTES;
    static final int ACKNOWLEDGE_OFFSET = SEQUENCE_OFFSET + Integer.BYTES;
    static final int LENGTH_OFFSET = ACKNOWLEDGE_OFFSET + Integer.BYTES;
    static final int FLAGS_OFFSET = LENGTH_OFFSET + Short.BYTES;

    static final int WHAT_OFFSET = FLAGS_OFFSET + Short.BYTES;
    static final int REQUEST_LENGTH = WHAT_OFFSET + Integer.BYTES;
    static final int CPU_OFFSET = WHAT_OFFSET + Integer.BYTES;
    static final int TIMESTAMP_OFFSET = CPU_OFFSET + Integer.BYTES;
    static final int THREAD_OFFSET = TIMESTAMP_OFFSET + Long.BYTES;
    static final int PROCESS_OFFSET = THREAD_OFFSET + Integer.BYTES;
    static final int CHILD_THREAD_OFFSET = PROCESS_OFFSET + Integer.BYTES;
    static final int CHILD_PROCESS_OFFSET = CHILD_THREAD_OFFSET + Integer.BYTES;
    static final int EXIT_CODE_OFFSET = PROCESS_OFFSET + Integer.BYTES;
    static final int EXIT_SIGNAL_OFFSET = EXIT_CODE_OFFSET + Integer.BYTES;
    static final int EXIT_PARENT_THREAD_OFFSET = EXIT_SIGNAL_OFFSET + Integer.BYTES;
    static final int EXIT_PARENT_OFFSET = EXIT_PARENT_THREAD_OFFSET + Integer.BYTES;
    static final int USER_OFFSET = PROCESS_OFFSET + Integer.BYTES;
    static final int COMMAND_OFFSET = PROCESS_OFFSET + Integer.BYTES;

    /** Bytes up to the end of the fields that are read of any event; the kernel always sends the longest. */
    static final int EVENT_LENGTH = EXIT_PARENT_OFFSET + Integer.BYTES;

    static final int ERROR_OFFSET = THREAD_OFFSET;
    static final int COMMAND_LENGTH = 16;

    /** {@code CN_IDX_PROC} and {@code CN_VAL_PROC}; the former is the group, too. */
    static final int PROCESSES = 1;

    static final int LISTEN = 1;

    static final int WHAT_NONE = 0;
    static final int WHAT_FORK = 1;
    static final int WHAT_EXEC = 2;
    static final int WHAT_UID = 4;
    static final int WHAT_COMMAND = 0x200;
    static final int WHAT_EXIT = 0x8000_0000;

    private ConnectorDescriptor() {}
}
