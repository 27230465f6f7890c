package io.hindsight.system;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** The program as the build packages it, run as a process of its own. */
final class PackagedProgram {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private PackagedProgram() {}

    /** Runs a command to its end. */
    static ToolResult run(String... arguments) {
        return Tools.run(TIMEOUT, command(arguments).toArray(String[]::new));
    }

    /** The words that start it. */
    static List<String> command(String... arguments) {
        Path jar = Path.of("../launcher/target/app/lib/launcher.jar").toAbsolutePath().normalize();
        Assertions.assertTrue(Files.exists(jar), () -> jar + " is not there: package the launcher first");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx512m",
                                "-jar",
                                jar.toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
