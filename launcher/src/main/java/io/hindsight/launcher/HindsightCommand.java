package io.hindsight.launcher;

import io.hindsight.launcher.cli.ErrorReport;
import io.hindsight.launcher.cli.ProgramVersion;
import io.hindsight.launcher.cli.Terminal;
import io.hindsight.launcher.client.CaptureCommands;
import io.hindsight.launcher.client.CustodyCommands;
import io.hindsight.launcher.client.LiveWorkloadsCommand;
import io.hindsight.launcher.client.NodesCommand;
import io.hindsight.launcher.client.RetentionCommand;
import io.hindsight.launcher.client.SnapshotCommands;
import io.hindsight.launcher.demo.DemoCommand;
import io.hindsight.launcher.doctor.DoctorCommand;
import io.hindsight.launcher.server.ServeCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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
    /** The completion script names all commands. */
    private static final String ALL_NEEDED = "completion";

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

    /** What the arguments call for: making a command costs start-up time, so the others are made only where none is named. */
    static CommandLine commandLine(Terminal terminal, String... arguments) {
        CommandLine root = new CommandLine(new HindsightCommand());
        Map<String, Supplier<CommandLine>> commands = commands(terminal);
        Supplier<CommandLine> named = arguments.length == 0 ? null : commands.get(arguments[0]);
        if (named == null || ALL_NEEDED.equals(arguments[0])) {
            commands.forEach((name, command) -> root.addSubcommand(name, command.get()));
        } else {
            root.addSubcommand(arguments[0], named.get());
        }
        ErrorReport errors = new ErrorReport(terminal);
        return root.setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    }

    /** Every command, in the order of the help. */
    private static Map<String, Supplier<CommandLine>> commands(Terminal terminal) {
        Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
        commands.put("up", () -> ServeCommand.up(terminal));
        commands.put("demo", () -> new CommandLine(new DemoCommand(terminal)));
        commands.put("hub", () -> ServeCommand.hub(terminal));
        commands.put("agent", () -> ServeCommand.agent(terminal));
        commands.put("snapshot", () -> SnapshotCommands.commandLine(terminal));
        commands.put("nodes", () -> new CommandLine(new NodesCommand(terminal)));
        commands.put("capture", () -> CaptureCommands.commandLine(terminal));
        commands.put("custody", () -> CustodyCommands.commandLine(terminal));
        commands.put("retention", () -> new CommandLine(new RetentionCommand(terminal)));
        commands.put("workloads", () -> new CommandLine(new LiveWorkloadsCommand.Workloads(terminal)));
        commands.put("ips", () -> new CommandLine(new LiveWorkloadsCommand.Addresses(terminal)));
        commands.put("doctor", () -> DoctorCommand.commandLine(terminal));
        commands.put(ALL_NEEDED, () -> new CommandLine(new CompletionCommand(terminal)));
        commands.put("train", () -> new CommandLine(new TrainCommand()));
        return commands;
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
