package io.hindsight.agent.os;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;

/** A cgroup with little memory, of version 1 or 2; gone when closed. Needs root. */
final class SmallMemory implements AutoCloseable {
    private static final String BYTES = "33554432";
    private static final Path V1 = Path.of("/sys/fs/cgroup/memory");
    private static final Path V2 = Path.of("/sys/fs/cgroup");

    private final Path folder;

    private SmallMemory(Path folder) {
        this.folder = folder;
    }

    /** Skips the test where the machine lets nobody limit memory. */
    static SmallMemory create() throws IOException {
        boolean v1 = Files.exists(V1.resolve("memory.limit_in_bytes"));
        Path control = V2.resolve("cgroup.subtree_control");
        boolean v2 = Files.exists(control) && Files.readString(control).contains("memory");
        assumeTrue(v1 || v2, "no memory cgroups");
        Path folder = Files.createDirectory((v1 ? V1 : V2).resolve("hindsight-" + ProcessHandle.current().pid()));
        Files.writeString(folder.resolve(v1 ? "memory.limit_in_bytes" : "memory.max"), BYTES);
        return new SmallMemory(folder);
    }

    /** The file into which a process writes its number to join. */
    Path members() {
        return folder.resolve("cgroup.procs");
    }

    @Override
    public void close() {
        // The kernel takes a moment to let the last member go.
        Awaitility.await().ignoreExceptions().until(() -> Files.deleteIfExists(folder));
    }
}
