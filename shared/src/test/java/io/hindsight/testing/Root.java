package io.hindsight.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Guards tests that need root: network namespaces, raw sockets, mounts, file attributes. */
public final class Root {
    private Root() {}

    /**
     * Skips the test without root; with {@code CI=true} in the environment fails it.
     *
     * @param purpose what root is needed for, for example {@code "network namespaces"}
     */
    public static void require(String purpose) {
        Guards.require(isRoot(), "needs root for " + purpose);
    }

    /** Whether this process has user id 0. */
    public static boolean isRoot() {
        Path self = Path.of("/proc/self");
        try {
            return Files.exists(self) && Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the owner of " + self, e);
        }
    }
}
