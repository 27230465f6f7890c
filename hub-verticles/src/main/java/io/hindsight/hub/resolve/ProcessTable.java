package io.hindsight.hub.resolve;

import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processes of one node that run at the moment up to which its events were taken. A process that ended is forgotten; sockets keep the {@link ProcessImage}
 * that opened them. A pid that is given again is another process: its FORK says so, or that it started at another time. One thread at a time.
 */
final class ProcessTable {
    /** Start times come from clocks of different resolution. */
    private static final long SAME_START_NS = 2_000_000_000L;

    private final Map<Integer, Life> running = new HashMap<>();
    private final int limit;
    private final Omitted omitted;

    /** From its FORK to its EXIT. */
    private static final class Life {
        private @Nullable Long startedNs;
        private ProcessImage image;
        private long namedInCheckpoint;
        private long heardNs;

        private Life(@Nullable Long startedNs, ProcessImage image) {
            this.startedNs = startedNs;
            this.image = image;
        }

        private boolean isOf(ProcessInfo process) {
            return startedNs == null
                    || process.startedNs() == null
                    || Math.abs(Times.minus(startedNs, process.startedNs())) <= SAME_START_NS;
        }
    }

    ProcessTable(int limit, Omitted omitted) {
        this.limit = limit;
        this.omitted = omitted;
    }

    /** Takes what the event tells of its process, and returns what it is now. */
    ProcessImage take(OsEvent event, ProcessInfo process, long checkpoint) {
        Life life =
                switch (event.kind()) {
                    case FORK -> forked(process, event.container());
                    case EXEC -> executed(event, process);
                    case PROCESS -> known(event, process);
                    case EXIT, CONNECT, ACCEPT, STATE, CLOSE, OOM_KILL, SOCKET, CHECKPOINT ->
                            running(process, event.container());
                };
        life.namedInCheckpoint = checkpoint;
        life.heardNs = event.timeNs();
        if (event.kind() == OsEvent.Kind.EXIT) {
            running.remove(process.pid());
        }
        return life.image;
    }

    private Life forked(ProcessInfo child, @Nullable ContainerInfo container) {
        Life parent = running.get(child.parentPid());
        ProcessImage image =
                parent == null ? ProcessImage.of(child, null, container) : parent.image.forked(child, container);
        return put(child.pid(), new Life(child.startedNs(), image));
    }

    private Life executed(OsEvent event, ProcessInfo process) {
        Life life = running(process, event.container());
        ContainerInfo container = event.container() != null ? event.container() : life.image.container();
        life.image = ProcessImage.of(process, event.arguments(), container);
        return life;
    }

    private Life known(OsEvent event, ProcessInfo process) {
        Life life = running(process, event.container());
        if (life.image.isKnownAs(process.command(), event.arguments())) {
            life.image.named(process.command(), event.arguments());
        } else {
            ContainerInfo container = life.image.container();
            life.image = ProcessImage.of(process, event.arguments(), container);
        }
        return life;
    }

    private Life running(ProcessInfo process, @Nullable ContainerInfo container) {
        Life life = running.get(process.pid());
        if (life == null || !life.isOf(process)) {
            return put(process.pid(), new Life(process.startedNs(), ProcessImage.of(process, null, container)));
        }
        life.startedNs = life.startedNs == null ? process.startedNs() : life.startedNs;
        life.image = life.image.ofUser(process.uid());
        life.image.inContainer(container);
        return life;
    }

    private Life put(int pid, Life life) {
        if (running.size() < limit || running.containsKey(pid)) {
            running.put(pid, life);
        } else {
            omitted.add(Omitted.Kind.PROCESSES, 1);
        }
        return life;
    }

    /** What was heard of after that time is not what the checkpoint is about, though it came before it. */
    void endUnnamed(long checkpoint, long timeNs) {
        running.values().removeIf(life -> life.namedInCheckpoint < checkpoint && life.heardNs <= timeNs);
    }
}
