package io.hindsight.agent.os.proc;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which container a cgroup path names. Container runtimes have no interface that tells it for a process, but all put the container's id into the path:
 *
 * <pre>
 * systemd driver    …/kubepods-burstable-pod{@code <uid, dashes as underscores>}.slice/{@code <prefix>-<id>}.scope
 * cgroupfs driver   /kubepods/burstable/pod{@code <uid>}/{@code <id>}      CRI-O: crio-{@code <id>}
 * containerd, with the systemd driver of Kubernetes but not its own
 *                   /kubepods-burstable-pod{@code <uid>}.slice:cri-containerd:{@code <id>}
 * Docker            /docker/{@code <id>}, /system.slice/docker-{@code <id>}.scope
 * </pre>
 *
 * <p>A node that is itself a container (kind, k3d) has several of them in one path: the innermost counts. Folders below a container's own ({@code init.scope},
 * CRI-O's {@code container}) belong to it. The monitors that CRI-O puts beside its containers ({@code crio-conmon-<id>}) are not in a container, though they carry
 * its id.
 *
 * <p>Stateless.
 */
public final class ContainerPaths {
    /** The longest path that is looked at: the kernel's {@code PATH_MAX}. */
    public static final int MAX_PATH_LENGTH = 4_096;

    private static final Map<String, String> RUNTIMES =
            Map.of(
                    "cri-containerd", "containerd",
                    "containerd", "containerd",
                    "nerdctl", "containerd",
                    "crio", "crio",
                    "docker", "docker");

    /** Known not to be told apart by its name alone, but a container all the same: Podman. */
    private static final String PODMAN = "libpod";

    private static final Pattern PREFIXED = Pattern.compile("([a-z-]{1,32})-([0-9a-f]{64})(?:\\.scope)?");
    private static final Pattern COLONS = Pattern.compile("[^:]*:([a-z-]{1,32}):([0-9a-f]{64})");
    private static final Pattern PLAIN = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern POD =
            Pattern.compile("(?:.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\\.slice)?");

    private ContainerPaths() {}

    /** The innermost container of the path; empty where it names none. */
    public static Optional<ContainerPath> container(String path) {
        if (path.length() > MAX_PATH_LENGTH) {
            return Optional.empty();
        }
        String[] segments = path.split("/", -1);
        for (int i = segments.length - 1; i >= 0; i--) {
            Optional<ContainerPath> found = container(segments, i);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<ContainerPath> container(String[] segments, int index) {
        String segment = segments[index];
        if (PLAIN.matcher(segment).matches()) {
            String runtime = index > 0 && segments[index - 1].equals("docker") ? "docker" : null;
            return Optional.of(new ContainerPath(segment, runtime, podUid(segments, index)));
        }
        Matcher named = PREFIXED.matcher(segment);
        if (!named.matches()) {
            named = COLONS.matcher(segment);
        }
        if (!named.matches() || !isRuntime(named.group(1))) {
            return Optional.empty();
        }
        return Optional.of(new ContainerPath(named.group(2), RUNTIMES.get(named.group(1)), podUid(segments, index)));
    }

    private static boolean isRuntime(String prefix) {
        return RUNTIMES.containsKey(prefix) || prefix.equals(PODMAN);
    }

    /** Of the folder directly around the container, or of the slice in its own name: a pod further out is that of the node. */
    private static @Nullable String podUid(String[] segments, int index) {
        Matcher own = POD.matcher(segments[index].split(":", 2)[0]);
        if (own.matches()) {
            return own.group(1).replace('_', '-');
        }
        Matcher around = index > 0 ? POD.matcher(segments[index - 1]) : own;
        return around.matches() ? around.group(1).replace('_', '-') : null;
    }
}
