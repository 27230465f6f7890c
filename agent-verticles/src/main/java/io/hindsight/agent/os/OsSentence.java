package io.hindsight.agent.os;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An event as one sentence for people. Names come from processes, so they are escaped and cut. Stateless. */
final class OsSentence {
    private static final int NAME_LIMIT = 64;
    private static final int ARGUMENTS_LIMIT = 300;

    private OsSentence() {}

    static String of(OsEvent event) {
        String who = who(event.process());
        return switch (event.kind()) {
            case FORK -> who + " was started by process " + parent(event.process());
            case EXEC -> who + " runs " + program(event);
            case EXIT -> who + exit(event);
            case CONNECT -> who + (isRefused(event) ? " could not connect " : " connected ") + path(event.socket());
            case ACCEPT -> who + " accepted " + incoming(event.socket());
            case STATE -> who + " has " + path(event.socket()) + " in state " + change(event.socket());
            case CLOSE -> who + " closed " + path(event.socket());
            case OOM_KILL -> who + " is killed because memory ran out";
            case PROCESS -> who + " is running: " + program(event);
            case SOCKET -> who + " holds " + held(event.socket());
            case CHECKPOINT -> checkpoint(event);
        };
    }

    private static String who(@Nullable ProcessInfo process) {
        if (process == null) {
            return "a process that is not known";
        }
        String command = process.command().isEmpty() ? "process" : PlainText.of(process.command(), NAME_LIMIT);
        return command + "[" + process.pid() + "]";
    }

    private static int parent(@Nullable ProcessInfo process) {
        return process == null ? 0 : process.parentPid();
    }

    private static String program(OsEvent event) {
        List<String> arguments = event.arguments();
        return arguments == null || arguments.isEmpty()
                ? "a program whose arguments are not known"
                : PlainText.of(String.join(" ", arguments), ARGUMENTS_LIMIT);
    }

    private static String exit(OsEvent event) {
        if (event.signal() != null) {
            return " was killed by signal " + event.signal();
        }
        return event.exitCode() == null ? " exited" : " exited with status " + event.exitCode();
    }

    private static boolean isRefused(OsEvent event) {
        return event.socket() != null && event.socket().state().startsWith("CLOSE");
    }

    private static String path(@Nullable SocketInfo socket) {
        return socket == null ? "a socket" : local(socket) + " → " + remote(socket);
    }

    private static String incoming(@Nullable SocketInfo socket) {
        return socket == null ? "a socket" : remote(socket) + " → " + local(socket);
    }

    private static String change(@Nullable SocketInfo socket) {
        if (socket == null) {
            return "unknown";
        }
        return socket.oldState() == null ? socket.state() : socket.state() + ", before " + socket.oldState();
    }

    private static String held(@Nullable SocketInfo socket) {
        if (socket == null) {
            return "a socket";
        }
        String place = socket.remotePort() == 0 ? local(socket) : path(socket);
        return socket.protocol() + " " + place + " " + socket.state();
    }

    private static String checkpoint(OsEvent event) {
        long count = Objects.requireNonNullElse(event.count(), 0L);
        return event.checkpoint() == CheckpointPart.BEGIN
                ? "What runs and which sockets are open, records=" + count + ", begins here"
                : "What runs and which sockets are open, records=" + count + ", ends here";
    }

    static String local(SocketInfo socket) {
        return endpoint(socket.localAddress(), socket.localPort());
    }

    static String remote(SocketInfo socket) {
        return endpoint(socket.remoteAddress(), socket.remotePort());
    }

    /** Address and port, an IPv6 address in brackets (RFC 5952, section 6). */
    private static String endpoint(String address, int port) {
        return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
    }
}
