package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands share that are clients of a Hub. */
abstract class HubCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin private final HubOptions hubOptions = new HubOptions();

    @Mixin private final CommonOptions common = new CommonOptions();

    HubCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Does the work. */
    abstract ExitStatus run(HubClient hub) throws IOException;

    @Override
    public Integer call() throws IOException {
        return run(hubOptions.client()).code();
    }

    Terminal terminal() {
        return terminal;
    }

    boolean json() {
        return common.json();
    }
}
