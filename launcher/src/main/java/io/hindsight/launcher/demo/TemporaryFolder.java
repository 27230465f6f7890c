package io.hindsight.launcher.demo;

import io.hindsight.hub.store.ImmutableFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of the demo's own that goes away with all that is in it, immutable snapshots too. */
record TemporaryFolder(Path path) implements AutoCloseable {
    static TemporaryFolder create() throws IOException {
        return new TemporaryFolder(Files.createTempDirectory("hindsight-demo-"));
    }

    /** Idempotent. */
    @Override
    public void close() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        ImmutableFlag.clearTree(path);
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(path)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }
}
