package io.hindsight.hub.resolve;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process while it was one program. What is not known yet is filled in when it is heard. One thread at a time. */
final class ProcessImage {
    /** Arguments of one process that are kept, and characters of one. */
    static final int MAX_ARGUMENTS = 64;

    private final int pid;
    private final int uid;
    private String command;
    private @Nullable List<String> arguments;
    private @Nullable ContainerInfo container;
    private @Nullable SocketOwner owner;

    private ProcessImage(
            int pid, int uid, String command, @Nullable List<String> arguments, @Nullable ContainerInfo container) {
        this.pid = pid;
        this.uid = uid;
        this.command = command;
        this.arguments = arguments;
        this.container = container;
    }

    static ProcessImage of(ProcessInfo process, @Nullable List<String> arguments, @Nullable ContainerInfo container) {
        return new ProcessImage(process.pid(), process.uid(), text(process.command()), bounded(arguments), container);
    }

    private static String text(String text) {
        return text.length() <= ObjectFields.MAX_TEXT_LENGTH ? text : text.substring(0, ObjectFields.MAX_TEXT_LENGTH);
    }

    private static @Nullable List<String> bounded(@Nullable List<String> arguments) {
        return arguments == null ? null : arguments.stream().limit(MAX_ARGUMENTS).map(ProcessImage::text).toList();
    }

    /** The same program under another user. */
    ProcessImage ofUser(int other) {
        return other == uid ? this : new ProcessImage(pid, other, command, arguments, container);
    }

    /** What its child runs until it becomes another program. */
    ProcessImage forked(ProcessInfo child, @Nullable ContainerInfo childContainer) {
        return new ProcessImage(
                child.pid(),
                child.uid(),
                text(child.command()),
                arguments,
                childContainer != null ? childContainer : container);
    }

    /** The process as a whole tells of itself; an event has the name of the thread that happened to act. */
    void named(String name, @Nullable List<String> itsArguments) {
        command = text(name);
        arguments = itsArguments == null ? arguments : bounded(itsArguments);
        owner = null;
    }

    void inContainer(@Nullable ContainerInfo itsContainer) {
        if (container == null && itsContainer != null) {
            container = itsContainer;
            owner = null;
        }
    }

    @Nullable ContainerInfo container() {
        return container;
    }

    boolean isKnownAs(String name, @Nullable List<String> itsArguments) {
        return arguments == null
                || (command.equals(text(name)) && (itsArguments == null || arguments.equals(bounded(itsArguments))));
    }

    /** As it is known now: ask when all is told. */
    SocketOwner owner(String node) {
        SocketOwner known = owner;
        if (known == null) {
            known = new SocketOwner(node, pid, command, arguments, uid, container);
            owner = known;
        }
        return known;
    }
}
