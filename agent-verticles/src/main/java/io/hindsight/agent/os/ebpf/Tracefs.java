package io.hindsight.agent.os.ebpf;

import io.hindsight.agent.capture.linux.LibC;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The kernel's folder of tracepoints. Plain tracepoints are attached by a number that stands there; raw ones do without. */
final class Tracefs {
    private static final Path PLACE = Path.of("/sys/kernel/tracing");

    /** Where libbpf looks first. */
    private static final Path OLD_PLACE = Path.of("/sys/kernel/debug/tracing");

    private Tracefs() {}

    /**
     * Mounts it where it is missing, as systemd does on every boot; it stays, because another program may use it by now.
     *
     * @return why it cannot be used, part of a sentence; null where it can
     */
    static @Nullable String require() {
        if (isThere()) {
            return null;
        }
        int result = LibC.mount("tracefs", PLACE.toString());
        if (result == 0 || isThere()) {
            return null;
        }
        return "tracefs is not mounted, and mounting it failed: "
                + KernelCalls.errorText(-result)
                + "; as root: mount -t tracefs tracefs "
                + PLACE;
    }

    private static boolean isThere() {
        return Files.isDirectory(PLACE.resolve("events")) || Files.isDirectory(OLD_PLACE.resolve("events"));
    }
}
