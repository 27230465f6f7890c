package io.hindsight.agent.os;

import io.hindsight.agent.os.PodDirectory.PodOfContainer;
import io.hindsight.agent.os.proc.CgroupFolders;
import io.hindsight.agent.os.proc.CgroupMembership;
import io.hindsight.agent.os.proc.ContainerPath;
import io.hindsight.agent.os.proc.ContainerPaths;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Knows in which cgroup, and so in which container, a process is, though {@code /proc} tells it only while the process lives. A process starts in its parent's cgroup; container runtimes move it
 * before it becomes the container's program, so each EXEC is looked up again: by the kernel's cgroup id where that is known, else in {@code /proc}. One that is gone by then is taken to be where its
 * parent is.
 *
 * <p>Used by one thread.
 */
final class ProcessTable {
    /** Processes that are remembered; the one that did nothing for longest is forgotten. */
    static final int MAX_PROCESSES = 16_384;

    /** Cgroups that are remembered by their id. */
    static final int MAX_CGROUPS = 4_096;

    private static final String ROOT = "/";

    private final ProcFiles files;
    private final CgroupFolders folders;
    private final PodDirectory pods;
    private final Map<Integer, Place> places = new Recent<>(MAX_PROCESSES);
    private final Map<Long, Place> byId = new Recent<>(MAX_CGROUPS);
    private final Map<String, Long> ids = new Recent<>(MAX_CGROUPS);

    ProcessTable(ProcFiles files, CgroupFolders folders, PodDirectory pods) {
        this.files = files;
        this.folders = folders;
        this.pods = pods;
    }

    /**
     * Where a process is.
     *
     * @param cgroupId absent where version 2 does not tell
     * @param cgroup path; absent where it is not known
     * @param container that the path names
     */
    private record Place(@Nullable Long cgroupId, @Nullable String cgroup, @Nullable ContainerPath container) {
        static final Place UNKNOWN = new Place(null, null, null);

        static Place of(@Nullable Long cgroupId, String cgroup) {
            return new Place(cgroupId, cgroup, ContainerPaths.container(cgroup).orElse(null));
        }

        /** Whether a process of which the kernel told this cgroup id can be here. */
        boolean fits(@Nullable Long told) {
            return told == null || cgroupId == null || cgroupId.equals(told);
        }
    }

    /** The event with cgroup and container; forgets a process that ended. */
    OsEvent enriched(OsEvent event) {
        ProcessInfo process = event.process();
        if (process == null) {
            return event;
        }
        Place place = place(event.kind(), process);
        if (event.kind() == Kind.EXIT) {
            places.remove(process.pid());
        } else if (place.cgroup() != null) {
            places.put(process.pid(), place);
        }
        return new OsEvent(
                event.kind(),
                event.timeNs(),
                inPlace(process, place),
                event.arguments(),
                event.argumentsCut(),
                event.exitCode(),
                event.signal(),
                event.socket(),
                place.container() == null ? null : container(place.container()),
                event.checkpoint(),
                event.count());
    }

    private Place place(Kind kind, ProcessInfo process) {
        Place known = places.get(kind == Kind.FORK ? process.parentPid() : process.pid());
        boolean mayHaveMoved = kind == Kind.EXEC || kind == Kind.PROCESS;
        if (known != null && !mayHaveMoved && known.fits(process.cgroupId())) {
            return known;
        }
        Place byCgroup = process.cgroupId() == null ? null : byId.get(process.cgroupId());
        if (byCgroup != null) {
            return byCgroup;
        }
        Optional<CgroupMembership> read = files.cgroup(process.pid());
        if (read.isPresent()) {
            return place(read.get(), process.cgroupId());
        }
        Place inherited = known == null ? places.get(process.parentPid()) : known;
        return inherited != null && inherited.fits(process.cgroupId()) ? inherited : Place.UNKNOWN;
    }

    /**
     * A place that was read. The root's id is kept by nothing: on a system with both versions, everything may be in the root of version 2 and in folders of
     * version 1 all the same.
     */
    private Place place(CgroupMembership read, @Nullable Long told) {
        if (!read.unified() || read.path().equals(ROOT)) {
            return Place.of(told, read.path());
        }
        Long id = id(read.path());
        if (id == null) {
            return Place.of(told, read.path());
        }
        return byId.computeIfAbsent(id, absent -> Place.of(absent, read.path()));
    }

    private @Nullable Long id(String path) {
        Long known = ids.get(path);
        if (known != null) {
            return known;
        }
        OptionalLong inode = folders.id(path);
        if (inode.isEmpty()) {
            return null;
        }
        ids.put(path, inode.getAsLong());
        return inode.getAsLong();
    }

    private static ProcessInfo inPlace(ProcessInfo process, Place place) {
        return new ProcessInfo(
                process.pid(),
                process.tid(),
                process.parentPid(),
                process.command(),
                process.uid(),
                process.cgroupId() == null ? place.cgroupId() : process.cgroupId(),
                place.cgroup(),
                process.startedNs());
    }

    private ContainerInfo container(ContainerPath path) {
        PodOfContainer pod = pods.pod(path.id(), path.podUid()).orElse(null);
        if (pod == null) {
            return new ContainerInfo(path.id(), path.runtime(), path.podUid(), null, null, null);
        }
        return new ContainerInfo(
                path.id(),
                path.runtime(),
                Objects.requireNonNullElse(path.podUid(), pod.uid()),
                pod.namespace(),
                pod.pod(),
                pod.container());
    }
}
