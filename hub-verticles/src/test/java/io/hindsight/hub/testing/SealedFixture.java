package io.hindsight.hub.testing;

import io.hindsight.api.Snapshot;
import io.hindsight.hub.store.ImmutableFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** A snapshot of two nodes that a Hub sealed, copied to where a test may change it. */
public final class SealedFixture {
    private SealedFixture() {}

    /** Seals in {@code volume}, copies to {@code copy}. */
    public static Path sealed(Path volume, Path copy) throws IOException {
        return sealed(volume, copy, 20);
    }

    /** With so many packets in each chunk of node-1. */
    public static Path sealed(Path volume, Path copy, int packets) throws IOException {
        try (TestHub hub = new TestHub(volume)) {
            hub.agent("node-1", TestChunks.packets("node-1", 6, packets));
            hub.agent("node-2", TestChunks.packets("node-2", 3, 5));
            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("fixture")).id());
            copy(volume.resolve(snapshot.id()), copy);
        }
        return copy;
    }

    /** Copies the files, writable. */
    public static void copy(Path from, Path to) throws IOException {
        ImmutableFlag.clearTree(from);
        Files.createDirectories(to);
        List<Path> files;
        try (Stream<Path> entries = Files.list(from)) {
            files = entries.toList();
        }
        for (Path file : files) {
            Path copied = to.resolve(String.valueOf(file.getFileName()));
            Files.copy(file, copied, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(copied, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }
}
