package io.hindsight.agent.os;

import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events as feeds tell them. */
final class TestEvents {
    /** A number that no process has: Linux ends at 4,194,304. */
    static final int GONE = 99_000_000;

    private TestEvents() {}

    static ProcessInfo process(int pid, int parent, String command) {
        return process(pid, parent, command, null);
    }

    static ProcessInfo process(int pid, int parent, String command, @Nullable Long cgroupId) {
        return new ProcessInfo(pid, pid, parent, command, 1_000, cgroupId, null, null);
    }

    static OsEvent of(Kind kind, long timeNs, ProcessInfo process) {
        return new OsEvent(kind, timeNs, process, null, null, null, null, null, null, null, null);
    }

    static OsEvent exec(long timeNs, ProcessInfo process, String... arguments) {
        return new OsEvent(Kind.EXEC, timeNs, process, List.of(arguments), false, null, null, null, null, null, null);
    }

    static OsEvent exit(long timeNs, ProcessInfo process, @Nullable Integer code, @Nullable Integer signal) {
        return new OsEvent(Kind.EXIT, timeNs, process, null, null, code, signal, null, null, null, null);
    }

    static OsEvent socket(Kind kind, long timeNs, @Nullable ProcessInfo process, SocketInfo socket) {
        return new OsEvent(kind, timeNs, process, null, null, null, null, socket, null, null, null);
    }
}
