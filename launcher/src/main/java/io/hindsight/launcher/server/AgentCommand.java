package io.hindsight.launcher.server;

import io.hindsight.config.Setting.Role;
import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.CommonOptions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code agent}: the recorder of one node, for a Hub on another machine. */
@Command(name = "agent", description = "Records for a Hub on another machine (not in this version: use up).")
public final class AgentCommand implements Callable<Integer> {
    @Mixin private final CommonOptions common = new CommonOptions();

    @Option(names = "--hub", paramLabel = "URL", description = "The Hub to link to.")
    private @Nullable String hub;

    private AgentCommand() {}

    /** The command with the options of an agent. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new AgentCommand());
        SettingOptions.addTo(commandLine.getCommandSpec(), Role.AGENT);
        return commandLine;
    }

    @Override
    public Integer call() {
        throw CommandFailure.of(
                ErrorCode.INVALID_CONFIGURATION,
                "This version does not link machines"
                        + (hub == null ? "" : ", so there is no agent for the Hub at " + hub)
                        + ". 'hindsight up' records and serves on this one."
                        + (common.debug() ? " Nothing was started." : ""));
    }
}
