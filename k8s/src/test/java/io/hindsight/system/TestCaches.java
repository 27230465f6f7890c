package io.hindsight.system;

import io.hindsight.image.StartupCaches;
import io.hindsight.testing.Root;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The start-up caches with which the tests run the program, as its image does: a test starts it dozens of times, and each start without a cache takes a second of a
 * processor more. They are made once for a build, by whichever test asks first.
 */
final class TestCaches {
    private TestCaches() {}

    /** The cache of a role; none where it cannot be made, because that takes the right to record, or there is no program yet. */
    static Optional<Path> of(String role, StartupCaches.Program program) {
        if (!Root.isRoot() || !Files.exists(program.jar())) {
            return Optional.empty();
        }
        try {
            Files.createDirectories(program.caches());
            makeOnce(program);
            return Optional.of(program.caches().resolve(role + ".aot"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Tests run in several processes. */
    private static void makeOnce(StartupCaches.Program program) throws IOException {
        Path made = program.caches().resolve("made");
        try (FileChannel file =
                        FileChannel.open(
                                program.caches().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.lock()) {
            boolean fresh =
                    Files.exists(made)
                            && Files.getLastModifiedTime(made).compareTo(Files.getLastModifiedTime(program.jar())) > 0;
            if (lock.isValid() && !fresh) {
                new StartupCaches(program, program.caches().resolve("training")).train();
                Files.write(made, new byte[0]);
            }
        }
    }
}
