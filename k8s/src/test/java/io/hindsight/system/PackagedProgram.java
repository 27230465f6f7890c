package io.hindsight.system;

import io.hindsight.image.StartupCaches;
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
    private static final Path JVM = Path.of("../launcher/src/main/jvm").toAbsolutePath().normalize();
    private static final Path APP = Path.of("../launcher/target/app").toAbsolutePath().normalize();
    private static final Path JAR = APP.resolve("lib/launcher.jar");
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final List<String> NATIVE_ACCESS = List.of("--enable-native-access=ALL-UNNAMED");

    /** What {@code ./hindsight} gives {@code up} and {@code hub}. */
    static final List<String> HUB_OPTIONS = options("hub");

    /** What {@code ./hindsight} gives {@code agent}. */
    static final List<String> AGENT_OPTIONS = options("agent");

    /** What {@code ./hindsight} gives every other command. */
    private static final List<String> CLIENT_OPTIONS = options("client");

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private PackagedProgram() {}

    /** A role's options of the JVM, with its start-up cache where there is one. */
    private static List<String> options(String role) {
        List<String> options = new ArrayList<>(List.of("@" + JVM.resolve(role + ".args")));
        TestCaches.of(role, new StartupCaches.Program(JAVA, JVM, NATIVE_ACCESS, JAR, APP.resolve("test-caches")))
                .ifPresent(cache -> options.add("-XX:AOTCache=" + cache));
        return List.copyOf(options);
    }

    /** What it is. */
    static String version() {
        return run("--version").succeeded().stdout().replaceFirst("(?s)hindsight ([^,]+),.*", "$1");
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
        Assertions.assertTrue(Files.exists(JAR), () -> JAR + " is not there: package the launcher first");
        List<String> command = new ArrayList<>(List.of(JAVA.toString()));
        command.addAll(NATIVE_ACCESS);
        command.addAll(heap);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(arguments);
        return command;
    }
}
