package io.hindsight.agent.os.proc;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a process stands in the hierarchies of cgroups, from {@code /proc/PID/cgroup}. Each line is {@code number:controllers:path}; version 2 has the line
 * {@code 0::path}, version 1 one for each hierarchy, and a hybrid system both.
 *
 * @param path the one that tells most: the first that names a container of a pod, by version 2, then systemd's own hierarchy, then the others; else the first that names any container; else the first
 *     that is not the root
 * @param unified whether it is that of version 2, so that the cgroup id belongs to it
 */
public record CgroupMembership(String path, boolean unified) {
    private static final String DELETED = " (deleted)";
    private static final String ROOT = "/";
    private static final String UNIFIED = "";
    private static final String SYSTEMD = "name=systemd";

    /** From the file's text; empty where it holds no line of that form. */
    static Optional<CgroupMembership> parse(String text) {
        Map<String, String> paths = new LinkedHashMap<>();
        text.lines()
                .forEach(line -> {
                    String[] fields = line.split(":", 3);
                    if (fields.length == 3 && !fields[2].isEmpty()) {
                        paths.put(fields[1], withoutMark(fields[2]));
                    }
                });
        return paths.entrySet().stream()
                .min(Comparator.comparingInt(entry -> rank(entry.getKey(), entry.getValue())))
                .map(entry -> new CgroupMembership(entry.getValue(), entry.getKey().equals(UNIFIED)));
    }

    private static int rank(String controllers, String path) {
        int rank =
                switch (controllers) {
                    case UNIFIED -> 0;
                    case SYSTEMD -> 1;
                    default -> 2;
                };
        return rank + ContainerPaths.container(path).map(CgroupMembership::rank).orElse(path.equals(ROOT) ? 30 : 20);
    }

    /** A node that is itself a container has that one's path in hierarchies that the pod is not in. */
    private static int rank(ContainerPath container) {
        return container.podUid() == null ? 10 : 0;
    }

    /** The kernel marks the folder of a process that outlived it. */
    private static String withoutMark(String path) {
        return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    }
}
