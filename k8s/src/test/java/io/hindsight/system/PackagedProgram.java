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
    /** What {@code ./hindsight} gives {@code up} and {@code hub}. */
    static final List<String> HUB_OPTIONS = List.of(options("hub"));

    /** What {@code ./hindsight} gives {@code agent}. */
    static final List<String> AGENT_OPTIONS = List.of(options("agent"));

    /** What {@code ./hindsight} gives every other command, but for its start-up cache. */
    private static final List<String> CLIENT_OPTIONS = List.of(options("client"));

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private PackagedProgram() {}

    /** The file with a role's options of the JVM. */
    private static String options(String role) {
        return "@" + Path.of("../launcher/src/main/jvm", role + ".args").toAbsolutePath().normalize();
    }

    /** Runs a command to its end. */
    static ToolResult run(String... arguments) {
        return Tools.run(TIMEOUT, command(CLIENT_OPTIONS, List.of(arguments)).toArray(String[]::new));
    }

    /** The words that start it, as a Hub. */
    static List<String> command(String... arguments) {
        return command(HUB_OPTIONS, List.of(arguments));
    }

    /** The words that start it with these options of the JVM. */
    static List<String> command(List<String> heap, List<String> arguments) {
        Path jar = Path.of("../launcher/target/app/lib/launcher.jar").toAbsolutePath().normalize();
        Assertions.assertTrue(Files.exists(jar), () -> jar + " is not there: package the launcher first");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(heap);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(arguments);
        return command;
    }
}
