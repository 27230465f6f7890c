package io.hindsight.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.event.OsEvent.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Records as the kernel programs write them. */
final class TestRecords {
    static final long TIME_NS = 9_000_000_000L;
    static final long STARTED_NS = 8_000_000_000L;

    private static final int LENGTH = 4_096;

    private TestRecords() {}

    static MemorySegment process(Kind kind, int pid, String command) {
        return process(kind, pid, command.getBytes(StandardCharsets.UTF_8));
    }

    static MemorySegment process(Kind kind, int pid, byte[] command) {
        MemorySegment record = Arena.ofAuto().allocate(LENGTH, Long.BYTES);
        record.set(JAVA_LONG, EbpfRecordDescriptor.TIME_OFFSET, TIME_NS);
        record.set(JAVA_INT, EbpfRecordDescriptor.KIND_OFFSET, EbpfStateDescriptor.KINDS.indexOf(kind));
        record.set(JAVA_LONG, EbpfRecordDescriptor.STARTED_OFFSET, STARTED_NS);
        record.set(JAVA_LONG, EbpfRecordDescriptor.CGROUP_ID_OFFSET, 77);
        record.set(JAVA_INT, EbpfRecordDescriptor.PID_OFFSET, pid);
        record.set(JAVA_INT, EbpfRecordDescriptor.TID_OFFSET, pid + 1);
        record.set(JAVA_INT, EbpfRecordDescriptor.PARENT_PID_OFFSET, 1);
        record.set(JAVA_INT, EbpfRecordDescriptor.UID_OFFSET, 1_000);
        put(record, EbpfRecordDescriptor.COMMAND_OFFSET, command);
        return record;
    }

    static MemorySegment exit(int status) {
        MemorySegment record = process(Kind.EXIT, 1, "sh");
        record.set(JAVA_INT, EbpfRecordDescriptor.DETAIL_OFFSET, status);
        return record;
    }

    static MemorySegment exec(String arguments, int has) {
        MemorySegment record = process(Kind.EXEC, 1, "curl");
        byte[] bytes = arguments.getBytes(StandardCharsets.UTF_8);
        record.set(JAVA_INT, EbpfRecordDescriptor.ARGUMENT_BYTES_OFFSET, has);
        record.set(JAVA_INT, EbpfRecordDescriptor.COPIED_BYTES_OFFSET, bytes.length);
        put(record, EbpfRecordDescriptor.ARGUMENTS_OFFSET, bytes);
        return record;
    }

    /** From ESTABLISHED to CLOSE_WAIT. */
    static MemorySegment socket(Kind kind, int family, byte[] local, byte[] remote) {
        MemorySegment record = process(kind, 1, "curl");
        record.set(JAVA_INT, EbpfRecordDescriptor.NETNS_OFFSET, (int) 4_026_531_840L);
        record.set(JAVA_SHORT, EbpfRecordDescriptor.FAMILY_OFFSET, (short) family);
        record.set(JAVA_SHORT, EbpfRecordDescriptor.LOCAL_PORT_OFFSET, (short) 40_000);
        record.set(JAVA_SHORT, EbpfRecordDescriptor.REMOTE_PORT_OFFSET, (short) 443);
        record.set(JAVA_BYTE, EbpfRecordDescriptor.OLD_STATE_OFFSET, (byte) 1);
        record.set(JAVA_BYTE, EbpfRecordDescriptor.STATE_OFFSET, (byte) 8);
        put(record, EbpfRecordDescriptor.LOCAL_ADDRESS_OFFSET, local);
        put(record, EbpfRecordDescriptor.REMOTE_ADDRESS_OFFSET, remote);
        return record;
    }

    private static void put(MemorySegment record, long offset, byte[] bytes) {
        MemorySegment.copy(bytes, 0, record, JAVA_BYTE, offset, bytes.length);
    }
}
