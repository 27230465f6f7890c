package io.hindsight.launcher.server;

import io.hindsight.config.Configuration;
import io.hindsight.config.Setting.Role;
import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.LogConfigurator;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands that run until they are told to stop: {@code up}, {@code hub} and {@code agent}. */
public abstract class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Terminal terminal;
    private final Role process;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final CommonOptions common = new CommonOptions();

    private ServeCommand(Terminal terminal, Role process) {
        this.terminal = terminal;
        this.process = process;
    }

    final CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(this);
        SettingOptions.addTo(commandLine.getCommandSpec(), process);
        return commandLine;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (common.debug()) {
            LogConfigurator.debug();
        }
        Configuration configuration =
                SettingOptions.load(spec.commandLine().getParseResult(), process, System.getenv());
        configuration.agent().ifPresent(agent -> LogConfigurator.node(agent.node().name()));
        check(configuration);
        Recorder recorder = Recorder.start(configuration);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(recorder, stopped), "hindsight-stop"));
        sayReady(configuration, recorder.address().toString());
        stopped.await();
        return ExitStatus.DONE.code();
    }

    /** Refuses what loads and is not enough for this command, before anything is made. */
    void check(Configuration configuration) {}

    private void sayReady(Configuration configuration, String hub) {
        JsonObject ready = ready(configuration, hub);
        terminal.out().println(common.json() ? ready.encode() : text(ready));
        terminal.out().flush();
    }

    /** What is said on the standard output, once, when it is so. */
    JsonObject ready(Configuration configuration, String hub) {
        return new JsonObject().put("ready", hub);
    }

    /** What is said to people. */
    String text(JsonObject ready) {
        return "ready " + ready.getString("ready");
    }

    /** On SIGTERM and SIGINT. Being told to stop is no failure, so the process ends with 0 and not with the signal's number. */
    private static void stop(Recorder recorder, CountDownLatch stopped) {
        LOG.info("stopping");
        recorder.close();
        LOG.info("stopped");
        stopped.countDown();
        Runtime.getRuntime().halt(ExitStatus.DONE.code());
    }

    /** {@code up}: Hub and agent in one JVM. */
    @Command(
            name = "up",
            description = "Records this machine's traffic and serves the API: Hub and agent in one process.",
            footer = {
                "",
                "Prints \"ready http://…\" once packets are being recorded. Ctrl-C stops it; what was recorded stays."
            })
    private static final class Up extends ServeCommand {
        private Up(Terminal terminal) {
            super(terminal, Role.BOTH);
        }
    }

    /** {@code hub}: the Hub alone. */
    @Command(name = "hub", description = "Serves the snapshots of a data folder, without recording.")
    private static final class Hub extends ServeCommand {
        private Hub(Terminal terminal) {
            super(terminal, Role.HUB);
        }
    }

    /** {@code agent}: the recorder of one node, for a Hub on another machine. */
    @Command(
            name = "agent",
            description = "Records this machine's traffic for a Hub on another machine.",
            footer = {
                "",
                "Prints \"recording node=NAME hub=URL\" once packets are being recorded, whether the Hub can be reached or not:",
                "it is dialled for as long as the agent runs. Ctrl-C stops it; what was recorded stays."
            })
    private static final class Agent extends ServeCommand {
        private Agent(Terminal terminal) {
            super(terminal, Role.AGENT);
        }

        @Override
        void check(Configuration configuration) {
            if (configuration.link().isEmpty() && configuration.cluster().isEmpty()) {
                throw CommandFailure.of(
                        ErrorCode.INVALID_CONFIGURATION,
                        "An agent records for a Hub, and none is named. Name it with --hub URL, HINDSIGHT_HUB, or hub in the"
                                + " file, or join the Hub's cluster with --clustered; 'hindsight up' records and serves on one machine.");
            }
        }

        @Override
        JsonObject ready(Configuration configuration, String hub) {
            return new JsonObject().put("recording", configuration.agentConfig().node().name()).put("hub", hub);
        }

        @Override
        String text(JsonObject ready) {
            return "recording node=" + ready.getString("recording") + " hub=" + ready.getString("hub");
        }
    }

    /** {@code hindsight up}. */
    public static CommandLine up(Terminal terminal) {
        return new Up(terminal).commandLine();
    }

    /** {@code hindsight hub}. */
    public static CommandLine hub(Terminal terminal) {
        return new Hub(terminal).commandLine();
    }

    /** {@code hindsight agent}. */
    public static CommandLine agent(Terminal terminal) {
        return new Agent(terminal).commandLine();
    }
}
