package io.hindsight.launcher;

import io.hindsight.launcher.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One run of the program inside the test's JVM.
 *
 * @param exit its code
 * @param out what it wrote as its result
 * @param err everything else
 */
record Program(int exit, String out, String err) {
    static Program run(String... arguments) {
        return run(false, arguments);
    }

    static Program runOnTerminal(String... arguments) {
        return run(true, arguments);
    }

    private static Program run(boolean interactive, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        interactive,
                        interactive);
        int exit = HindsightCommand.commandLine(terminal, arguments).execute(arguments);
        return new Program(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
