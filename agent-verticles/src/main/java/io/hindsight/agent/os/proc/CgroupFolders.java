package io.hindsight.agent.os.proc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folders of cgroup version 2, whose inode numbers are the cgroup ids of the kernel. Thread-safe. */
public final class CgroupFolders {
    private static final int MOUNT_POINT_FIELD = 4;

    private final @Nullable Path root;

    /** @param root where version 2 is mounted; absent: where this machine has it, if it has */
    CgroupFolders(@Nullable Path root) {
        this.root = root;
    }

    /** Of this machine. */
    public static CgroupFolders ofMachine() {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return new CgroupFolders(mounts.flatMap(line -> mountPoint(line).stream()).findFirst().orElse(null));
        } catch (IOException notLinux) {
            return new CgroupFolders(null);
        }
    }

    private static Optional<Path> mountPoint(String line) {
        String[] fields = line.split(" ", -1);
        return fields.length > MOUNT_POINT_FIELD && line.contains(" - cgroup2 ")
                ? Optional.of(Path.of(fields[MOUNT_POINT_FIELD]))
                : Optional.empty();
    }

    /** The id of a path as {@code /proc/PID/cgroup} has it; absent where it is gone, or outside of what this process may see. */
    public OptionalLong id(String path) {
        if (root == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(((Number) Files.getAttribute(Path.of(root + path), "unix:ino")).longValue());
        } catch (IOException gone) {
            return OptionalLong.empty();
        }
    }
}
