package io.hindsight.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Defaults that depend on the machine and on who runs the program. */
final class MachineDefaults {
    private static final Path KERNEL_HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private MachineDefaults() {}

    /** Root: {@code /var/lib/hindsight}; others: {@code hindsight} in their state folder (XDG base directories). */
    static Path dataDirectory(Map<String, String> environment) {
        if (root()) {
            return Path.of("/var/lib/hindsight");
        }
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
        return (state.isBlank() ? home.resolve(".local/state") : Path.of(state)).resolve("hindsight");
    }

    /** The host's name; {@code localhost} where nobody tells. */
    static String nodeName(Map<String, String> environment) {
        try {
            String name = Files.readString(KERNEL_HOST_NAME).strip();
            if (!name.isEmpty()) {
                return name;
            }
        } catch (IOException notLinux) {
            return environment.getOrDefault("HOSTNAME", environment.getOrDefault("COMPUTERNAME", "localhost"));
        }
        return "localhost";
    }

    private static boolean root() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(OWN_PROCESS, "unix:uid"));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return "root".equals(System.getProperty("user.name"));
        }
    }
}
