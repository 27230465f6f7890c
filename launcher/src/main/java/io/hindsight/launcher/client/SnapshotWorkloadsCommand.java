package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code snapshot workloads} and {@code snapshot ips}: names as of then. */
abstract class SnapshotWorkloadsCommand extends HubCommand {
    private final WorkloadView view;

    @Mixin private final WorkloadOptions options = new WorkloadOptions();

    @Parameters(
            paramLabel = "ID|PATH",
            description = "An id, the start of one, a name; or a snapshot's folder: then no Hub is needed.")
    private String reference = "";

    private SnapshotWorkloadsCommand(Terminal terminal, WorkloadView view) {
        super(terminal);
        this.view = view;
    }

    @Override
    public Integer call() throws IOException {
        Optional<Path> folder = SnapshotFolder.named(reference);
        if (folder.isPresent()) {
            view.show(view.ofFolder(folder.get(), options.query()), json(), terminal());
            return ExitStatus.DONE.code();
        }
        return super.call();
    }

    @Override
    ExitStatus run(HubClient hub) {
        String snapshot = new SnapshotReference(hub).path(reference);
        view.show(view.ofHub(hub, snapshot, options), json(), terminal());
        return ExitStatus.DONE;
    }

    /** Pods, services, nodes, owners. */
    @Command(
            name = "workloads",
            description = "Lists pods, services, nodes and their owners, with labels and addresses, over time.")
    static final class Workloads extends SnapshotWorkloadsCommand {
        Workloads(Terminal terminal) {
            super(terminal, WorkloadView.WORKLOADS);
        }
    }

    /** Addresses. */
    @Command(name = "ips", description = "Lists who had which address from when until when.")
    static final class Addresses extends SnapshotWorkloadsCommand {
        Addresses(Terminal terminal) {
            super(terminal, WorkloadView.ADDRESSES);
        }
    }
}
