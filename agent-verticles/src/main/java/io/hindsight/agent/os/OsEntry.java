package io.hindsight.agent.os;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.EventEntry;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.JournalEntryWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes operating-system events as journal entries; FORMAT.md, section 2.1, has the fields. Not thread-safe. */
final class OsEntry {
    static final String IDENTIFIER = "hindsight-os";

    private static final int WARNING = 4;
    private static final int NOTICE = 5;
    private static final int INFORMATION = 6;
    private static final int DETAIL = 7;

    private final JournalEntryWriter writer;

    /** @param maxEntryLength bytes of the longest entry */
    OsEntry(int maxEntryLength) {
        writer = new JournalEntryWriter(maxEntryLength + BlockDescriptor.MIN_LENGTH);
    }

    /** The entry; without its arguments where it would be too long with them, and empty where that does not help. */
    Optional<byte[]> entry(OsEvent event) {
        return entry(event, "");
    }

    /** The same, with something more in its sentence. */
    Optional<byte[]> entry(OsEvent event, String remark) {
        write(event, remark);
        if (writer.isOversize() && event.arguments() != null) {
            write(withoutArguments(event), remark);
        }
        return writer.isOversize() ? Optional.empty() : Optional.of(writer.toEntry());
    }

    private void write(OsEvent event, String remark) {
        writer.begin(event.timeNs())
                .field(JournalExportBlockDescriptor.MESSAGE, OsSentence.of(event) + remark)
                .field(JournalExportBlockDescriptor.PRIORITY, priority(event))
                .field(JournalExportBlockDescriptor.SYSLOG_IDENTIFIER, IDENTIFIER)
                .field("OS_KIND", event.kind().name());
        process(event.process());
        arguments(event.arguments());
        number("OS_EXIT_CODE", event.exitCode());
        number("OS_SIGNAL", event.signal());
        socket(event.socket());
        container(event.container());
        checkpoint(event.checkpoint());
        writer.field(JournalExportBlockDescriptor.JSON, EventEntry.json(event));
    }

    private static int priority(OsEvent event) {
        return switch (event.kind()) {
            case OOM_KILL -> WARNING;
            case EXIT -> event.signal() != null ? NOTICE : INFORMATION;
            case FORK, EXEC, CONNECT, ACCEPT, CLOSE -> INFORMATION;
            case STATE, PROCESS, SOCKET, CHECKPOINT -> DETAIL;
        };
    }

    private void process(@Nullable ProcessInfo process) {
        if (process == null) {
            return;
        }
        writer.field("OS_PID", process.pid()).field("OS_PPID", process.parentPid());
        if (process.tid() != process.pid()) {
            writer.field("OS_TID", process.tid());
        }
        text("OS_COMM", process.command());
        writer.field("OS_UID", Integer.toUnsignedLong(process.uid()));
        text("OS_CGROUP", process.cgroup());
    }

    private void arguments(@Nullable List<String> arguments) {
        if (arguments != null && !arguments.isEmpty()) {
            text("OS_EXE", arguments.getFirst());
            text("OS_ARGS", String.join(" ", arguments));
        }
    }

    private void socket(@Nullable SocketInfo socket) {
        if (socket == null) {
            return;
        }
        writer.field("OS_PROTOCOL", socket.protocol())
                .field("OS_LOCAL", OsSentence.local(socket))
                .field("OS_REMOTE", OsSentence.remote(socket))
                .field("OS_STATE", socket.state());
    }

    private void container(@Nullable ContainerInfo container) {
        if (container == null) {
            return;
        }
        text("K8S_CONTAINER_ID", container.id());
        text("K8S_NAMESPACE", container.namespace());
        text("K8S_POD", container.pod());
        text("K8S_CONTAINER", container.name());
    }

    private void checkpoint(@Nullable CheckpointPart part) {
        if (part != null) {
            writer.field("HINDSIGHT_CHECKPOINT", part.name().toLowerCase(Locale.ROOT));
        }
    }

    private void number(String name, @Nullable Integer value) {
        if (value != null) {
            writer.field(name, value);
        }
    }

    private void text(String name, @Nullable String value) {
        if (value != null) {
            writer.field(name, value);
        }
    }

    private static OsEvent withoutArguments(OsEvent event) {
        return new OsEvent(
                event.kind(),
                event.timeNs(),
                event.process(),
                null,
                true,
                event.exitCode(),
                event.signal(),
                event.socket(),
                event.container(),
                event.checkpoint(),
                event.count());
    }
}
