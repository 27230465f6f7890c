package io.hindsight.launcher;

import io.hindsight.launcher.cli.ErrorReport;
import io.hindsight.launcher.cli.Terminal;
import io.hindsight.launcher.client.NodesCommand;
import io.hindsight.launcher.client.SnapshotCommands;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command tree. */
@Command(
        name = "hindsight",
        versionProvider = ProgramVersion.class,
        description = "Records this machine's traffic all the time, and freezes the past on request.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage or configuration",
            "3:integrity violated: bytes do not match their checksums",
            "4:partial: sealed, but a node or a part of the window is missing",
            "5:the Hub, or a node, cannot be reached"
        },
        footer = {"", "Start here:  hindsight up", "             hindsight snapshot create --last 5m --wait"})
final class HindsightCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version.")
    private boolean version;

    private HindsightCommand() {}

    /** The whole tree. */
    static CommandLine commandLine(Terminal terminal) {
        ErrorReport errors = new ErrorReport(terminal);
        return new CommandLine(new HindsightCommand())
                .addSubcommand(SnapshotCommands.commandLine(terminal))
                .addSubcommand(new NodesCommand(terminal))
                .addSubcommand(new CompletionCommand(terminal))
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors);
    }

    boolean helpOrVersion() {
        return help || version;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
