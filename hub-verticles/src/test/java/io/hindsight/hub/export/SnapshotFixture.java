package io.hindsight.hub.export;

import io.hindsight.testing.ChunkFixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes the data files of a snapshot that was never recorded. */
final class SnapshotFixture {
    /** 2026-11-22T21:30:00Z. */
    static final long START_NS = 1_795_383_000_000_000_000L;

    private final Path folder;
    private final List<SnapshotFiles.NodeFile> nodes = new ArrayList<>();

    SnapshotFixture(Path folder) {
        this.folder = folder;
    }

    SnapshotFixture node(String name, List<byte[]> chunks) {
        Path file = folder.resolve(name + ".pcapng");
        try {
            Files.write(file, ChunkFixtures.concatenate(chunks));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        nodes.add(new SnapshotFiles.NodeFile(name, file, List.of()));
        return this;
    }

    SnapshotFiles files() {
        return new SnapshotFiles("s1", "checkout 500s", Instant.ofEpochSecond(START_NS / 1_000_000_000L), nodes);
    }

    Path file(String node) {
        return folder.resolve(node + ".pcapng");
    }
}
