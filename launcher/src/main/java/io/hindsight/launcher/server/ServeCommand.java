package io.hindsight.launcher.server;

import io.hindsight.config.Configuration;
import io.hindsight.config.Setting.Role;
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

/** The commands that run until they are told to stop: {@code up} and {@code hub}. */
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
        Recorder recorder = Recorder.start(configuration);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(recorder, stopped), "hindsight-stop"));
        sayReady(recorder);
        stopped.await();
        return ExitStatus.DONE.code();
    }

    private void sayReady(Recorder recorder) {
        String address = recorder.address().toString();
        terminal.out().println(common.json() ? new JsonObject().put("ready", address).encode() : "ready " + address);
        terminal.out().flush();
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

    /** {@code hindsight up}. */
    public static CommandLine up(Terminal terminal) {
        return new Up(terminal).commandLine();
    }

    /** {@code hindsight hub}. */
    public static CommandLine hub(Terminal terminal) {
        return new Hub(terminal).commandLine();
    }
}
