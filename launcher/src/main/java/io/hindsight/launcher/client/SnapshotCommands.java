package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code snapshot}: the group of commands about snapshots. */
@Command(name = "snapshot", description = "Creates, shows, verifies and exports snapshots.")
public final class SnapshotCommands extends CommandGroup {
    private SnapshotCommands() {}

    /** The group with its commands. */
    public static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new SnapshotCommands())
                .addSubcommand(new CreateCommand(terminal))
                .addSubcommand(new BatchCommand(terminal))
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
}
