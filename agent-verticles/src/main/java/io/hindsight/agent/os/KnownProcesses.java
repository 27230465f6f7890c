package io.hindsight.agent.os;

import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.agent.os.proc.ProcessStatus;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who processes are, for a feed whose kernel tells their numbers alone: a process has its parent's name and user until it runs a program of its own, and what has ended cannot be asked any more. Used by one
 * thread.
 */
final class KnownProcesses {
    /** Processes that are remembered; the one that did nothing for longest is forgotten. */
    static final int MAX_PROCESSES = 16_384;

    /** A user that is not known: the kernel's own number for one that does not exist. */
    static final int NOBODY_KNOWN = -1;

    private final ProcFiles files;
    private final Map<Integer, Known> known = new Recent<>(MAX_PROCESSES);

    KnownProcesses(ProcFiles files) {
        this.files = files;
    }

    private record Known(int parentPid, String command, int uid, @Nullable Long startedNs) {
        static Known of(ProcessStatus status) {
            return new Known(status.parentPid(), status.command(), status.uid(), status.startedNs());
        }
    }

    /** A child, just made. */
    ProcessInfo forked(int parent, int child, long timeNs) {
        Known maker = find(parent);
        Known made =
                maker == null
                        ? new Known(parent, "", NOBODY_KNOWN, timeNs)
                        : new Known(parent, maker.command(), maker.uid(), timeNs);
        known.put(child, made);
        return info(child, made);
    }

    /** A process that runs another program; what it was before where it has ended since. */
    ProcessInfo executed(int pid) {
        Known before = known.get(pid);
        Known now = files.status(pid).map(Known::of).orElse(before);
        if (now != null && before != null) {
            now = new Known(now.parentPid(), now.command(), now.uid(), before.startedNs());
        }
        if (now != null) {
            known.put(pid, now);
        }
        return info(pid, now);
    }

    /**
     * A process that ended; it is forgotten.
     *
     * @param parent 0 where that one has taken note of its end before the kernel told of it
     */
    ProcessInfo exited(int pid, int parent) {
        Known last = find(pid);
        known.remove(pid);
        if (last == null) {
            return info(pid, new Known(parent, "", NOBODY_KNOWN, null));
        }
        int parentPid = parent == 0 ? last.parentPid() : parent;
        return info(pid, new Known(parentPid, last.command(), last.uid(), last.startedNs()));
    }

    void userChanged(int pid, int uid) {
        known.computeIfPresent(pid, (key, old) -> new Known(old.parentPid(), old.command(), uid, old.startedNs()));
    }

    void renamed(int pid, String command) {
        known.computeIfPresent(pid, (key, old) -> new Known(old.parentPid(), command, old.uid(), old.startedNs()));
    }

    /** A process that lives, or did a moment ago; absent where nothing is known of it. */
    @Nullable ProcessInfo get(int pid) {
        Known found = find(pid);
        return found == null ? null : info(pid, found);
    }

    private @Nullable Known find(int pid) {
        Known found = known.get(pid);
        if (found == null) {
            found = files.status(pid).map(Known::of).orElse(null);
            if (found != null) {
                known.put(pid, found);
            }
        }
        return found;
    }

    private static ProcessInfo info(int pid, @Nullable Known found) {
        return found == null
                ? new ProcessInfo(pid, pid, 0, "", NOBODY_KNOWN, null, null, null)
                : new ProcessInfo(
                        pid, pid, found.parentPid(), found.command(), found.uid(), null, null, found.startedNs());
    }
}
