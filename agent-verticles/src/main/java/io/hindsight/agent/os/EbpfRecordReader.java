package io.hindsight.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.agent.os.ebpf.KernelClock;
import io.hindsight.agent.os.netlink.SocketStates;
import io.hindsight.agent.os.proc.ProcessArguments;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.netty.util.NetUtil;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes events of what the kernel programs wrote. Command and arguments are whatever a process called itself: they are bounded, and broken UTF-8 is replaced. */
final class EbpfRecordReader {
    private static final String PROTOCOL = "tcp";
    private static final int SIGNAL_MASK = 0x7F;
    private static final int EXIT_CODE_SHIFT = 8;
    private static final int EXIT_CODE_MASK = 0xFF;

    private final KernelClock clock;

    EbpfRecordReader(KernelClock clock) {
        this.clock = clock;
    }

    /** The event of the record at the offset. */
    OsEvent read(MemorySegment record, long offset) {
        Kind kind = kind(record.get(JAVA_INT, offset + EbpfRecordDescriptor.KIND_OFFSET));
        return switch (kind) {
            case FORK -> event(record, offset, kind, null, null, null, null, null);
            case EXEC -> exec(record, offset);
            case EXIT -> exit(record, offset);
            case OOM_KILL ->
                    event(
                            record,
                            offset,
                            kind,
                            null,
                            null,
                            null,
                            record.get(JAVA_INT, offset + EbpfRecordDescriptor.DETAIL_OFFSET),
                            null);
            case CONNECT, ACCEPT -> event(record, offset, kind, null, null, null, null, socket(record, offset, false));
            case STATE, CLOSE -> event(record, offset, kind, null, null, null, null, socket(record, offset, true));
            case PROCESS, SOCKET, CHECKPOINT -> throw new IllegalStateException("not the programs' kind=" + kind);
        };
    }

    private static Kind kind(int position) {
        if (position < 0 || position >= EbpfStateDescriptor.KINDS.size()) {
            throw new HindsightException(
                    ErrorCode.INTERNAL, "The kernel programs told of an event of kind=" + position + ".");
        }
        return EbpfStateDescriptor.KINDS.get(position);
    }

    private OsEvent exec(MemorySegment record, long offset) {
        int has = record.get(JAVA_INT, offset + EbpfRecordDescriptor.ARGUMENT_BYTES_OFFSET);
        int copied = record.get(JAVA_INT, offset + EbpfRecordDescriptor.COPIED_BYTES_OFFSET);
        byte[] bytes = new byte[copied];
        MemorySegment.copy(record, JAVA_BYTE, offset + EbpfRecordDescriptor.ARGUMENTS_OFFSET, bytes, 0, copied);
        ProcessArguments arguments = ProcessArguments.parse(bytes, copied);
        boolean cut = copied < has || arguments.cut();
        return event(record, offset, Kind.EXEC, arguments.list(), cut, null, null, null);
    }

    private OsEvent exit(MemorySegment record, long offset) {
        int status = record.get(JAVA_INT, offset + EbpfRecordDescriptor.DETAIL_OFFSET);
        int signal = status & SIGNAL_MASK;
        return signal != 0
                ? event(record, offset, Kind.EXIT, null, null, null, signal, null)
                : event(record, offset, Kind.EXIT, null, null, status >> EXIT_CODE_SHIFT & EXIT_CODE_MASK, null, null);
    }

    private OsEvent event(
            MemorySegment record,
            long offset,
            Kind kind,
            @Nullable List<String> arguments,
            @Nullable Boolean cut,
            @Nullable Integer exitCode,
            @Nullable Integer signal,
            @Nullable SocketInfo socket) {
        return new OsEvent(
                kind,
                clock.epochNs(record.get(JAVA_LONG, offset + EbpfRecordDescriptor.TIME_OFFSET)),
                process(record, offset),
                arguments,
                cut,
                exitCode,
                signal,
                socket,
                null,
                null,
                null);
    }

    private @Nullable ProcessInfo process(MemorySegment record, long offset) {
        int pid = record.get(JAVA_INT, offset + EbpfRecordDescriptor.PID_OFFSET);
        if (pid == 0) {
            return null;
        }
        long started = record.get(JAVA_LONG, offset + EbpfRecordDescriptor.STARTED_OFFSET);
        long cgroupId = record.get(JAVA_LONG, offset + EbpfRecordDescriptor.CGROUP_ID_OFFSET);
        return new ProcessInfo(
                pid,
                record.get(JAVA_INT, offset + EbpfRecordDescriptor.TID_OFFSET),
                record.get(JAVA_INT, offset + EbpfRecordDescriptor.PARENT_PID_OFFSET),
                command(record, offset + EbpfRecordDescriptor.COMMAND_OFFSET),
                record.get(JAVA_INT, offset + EbpfRecordDescriptor.UID_OFFSET),
                cgroupId == 0 ? null : cgroupId,
                null,
                started == 0 ? null : clock.epochNs(started));
    }

    private static String command(MemorySegment record, long offset) {
        byte[] bytes = new byte[EbpfRecordDescriptor.COMMAND_LENGTH];
        MemorySegment.copy(record, JAVA_BYTE, offset, bytes, 0, bytes.length);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static SocketInfo socket(MemorySegment record, long offset, boolean change) {
        boolean v6 =
                record.get(JAVA_SHORT, offset + EbpfRecordDescriptor.FAMILY_OFFSET) == EbpfRecordDescriptor.FAMILY_IPV6;
        return new SocketInfo(
                PROTOCOL,
                address(record, offset + EbpfRecordDescriptor.LOCAL_ADDRESS_OFFSET, v6),
                Short.toUnsignedInt(record.get(JAVA_SHORT, offset + EbpfRecordDescriptor.LOCAL_PORT_OFFSET)),
                address(record, offset + EbpfRecordDescriptor.REMOTE_ADDRESS_OFFSET, v6),
                Short.toUnsignedInt(record.get(JAVA_SHORT, offset + EbpfRecordDescriptor.REMOTE_PORT_OFFSET)),
                Integer.toUnsignedLong(record.get(JAVA_INT, offset + EbpfRecordDescriptor.NETNS_OFFSET)),
                SocketStates.tcp(record.get(JAVA_BYTE, offset + EbpfRecordDescriptor.STATE_OFFSET)),
                change
                        ? SocketStates.tcp(record.get(JAVA_BYTE, offset + EbpfRecordDescriptor.OLD_STATE_OFFSET))
                        : null);
    }

    private static String address(MemorySegment record, long offset, boolean v6) {
        byte[] bytes = new byte[v6 ? EbpfRecordDescriptor.ADDRESS_LENGTH : EbpfRecordDescriptor.IPV4_LENGTH];
        MemorySegment.copy(record, JAVA_BYTE, offset, bytes, 0, bytes.length);
        try {
            // An IPv4 address that is carried in an IPv6 one comes out as IPv4.
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException lengthIsRight) {
            throw new IllegalStateException(lengthIsRight);
        }
    }
}
