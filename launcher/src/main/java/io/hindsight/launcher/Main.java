package io.hindsight.launcher;

import io.hindsight.launcher.cli.Terminal;

/** The program {@code hindsight}. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code: {@link io.hindsight.launcher.cli.ExitStatus}. */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        int exitCode = HindsightCommand.commandLine(terminal, arguments).execute(arguments);
        terminal.out().flush();
        terminal.err().flush();
        System.exit(exitCode);
    }
}
