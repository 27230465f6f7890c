package io.hindsight.launcher.client;

import io.hindsight.api.FlowPage;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code snapshot flows}: who spoke to whom. */
@Command(
        name = "flows",
        description =
                "Shows who spoke to whom in a snapshot: how much, how well, and which pods and processes they were.",
        footer = {
            "",
            "Examples:",
            "  hindsight snapshot flows outage --sort retransmissions --limit 20",
            "  hindsight snapshot flows outage --group-by workload --sort handshake",
            "  hindsight snapshot flows outage --namespace payments --port 5432"
        })
final class FlowsCommand extends HubCommand {
    @Parameters(
            paramLabel = "ID|PATH",
            description = "An id, the start of one, a name; or a snapshot's folder: then no Hub is needed.")
    private String reference = "";

    @Mixin private final FlowsOptions options = new FlowsOptions();

    FlowsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        Optional<Path> folder = SnapshotFolder.named(reference);
        if (folder.isPresent()) {
            return show(JsonMapping.toJson(new SnapshotFolder(folder.get()).flows(options.query()))).code();
        }
        return super.call();
    }

    @Override
    ExitStatus run(HubClient hub) {
        return show(hub.getAndWait(new SnapshotReference(hub).path(reference) + options.path()));
    }

    private ExitStatus show(JsonObject json) {
        if (json()) {
            terminal().out().println(json.encode());
        } else {
            new FlowsText(JsonMapping.fromJson(json, FlowPage.class)).print(terminal());
        }
        return ExitStatus.DONE;
    }
}
