package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code snapshot}: the group of commands about snapshots. */
@Command(name = "snapshot", description = "Creates, shows, verifies and exports snapshots.")
public final class SnapshotCommands implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    private SnapshotCommands() {}

    /** The group with its commands. */
    public static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new SnapshotCommands())
                .addSubcommand(new CreateCommand(terminal))
                .addSubcommand(new ListCommand(terminal))
                .addSubcommand(new OneSnapshotCommand.Show(terminal))
                .addSubcommand(new OneSnapshotCommand.Cancel(terminal))
                .addSubcommand(new OneSnapshotCommand.Delete(terminal))
                .addSubcommand(new LockCommand(terminal))
                .addSubcommand(new VerifyCommand(terminal))
                .addSubcommand(new FlowsCommand(terminal))
                .addSubcommand(new SnapshotWorkloadsCommand.Workloads(terminal))
                .addSubcommand(new SnapshotWorkloadsCommand.Addresses(terminal))
                .addSubcommand(new TimelineCommand(terminal))
                .addSubcommand(new ExportCommand(terminal));
    }

    /** Whether only help was asked for. */
    public boolean help() {
        return help;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name what to do: " + String.join(", ", spec.subcommands().keySet()));
    }
}
