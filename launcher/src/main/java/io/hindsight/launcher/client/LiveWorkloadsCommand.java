package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code workloads} and {@code ips}: names as the agents know them now. */
public abstract class LiveWorkloadsCommand extends HubCommand {
    private final WorkloadView view;

    @Mixin private final WorkloadOptions options = new WorkloadOptions();

    private LiveWorkloadsCommand(Terminal terminal, WorkloadView view) {
        super(terminal);
        this.view = view;
    }

    @Override
    ExitStatus run(HubClient hub) {
        view.show(view.ofHub(hub, "", options), json(), terminal());
        return ExitStatus.DONE;
    }

    /** Pods, services, nodes, owners. */
    @Command(
            name = "workloads",
            description =
                    "Lists the pods, services, nodes and owners that agents know now, or knew within the last hour.")
    public static final class Workloads extends LiveWorkloadsCommand {
        /** Prints to the terminal. */
        public Workloads(Terminal terminal) {
            super(terminal, WorkloadView.WORKLOADS);
        }
    }

    /** Addresses. */
    @Command(name = "ips", description = "Lists who has which address now, or had it within the last hour.")
    public static final class Addresses extends LiveWorkloadsCommand {
        /** Prints to the terminal. */
        public Addresses(Terminal terminal) {
            super(terminal, WorkloadView.ADDRESSES);
        }
    }
}
