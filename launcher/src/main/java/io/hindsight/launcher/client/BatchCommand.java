package io.hindsight.launcher.client;

import io.hindsight.api.Batch;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot batch}: freezes many windows at once. */
@Command(
        name = "batch",
        description = "Freezes many windows at once; what they share is read and sent once.",
        footer = {
            "",
            "FILE has a request a line as JSON, or a list of them as YAML; fields: last, or from and to, and nodes, sources, name,",
            "requireAll, lockUntil. Nothing begins where one of them is wrong.",
            "",
            "Examples:",
            "  hindsight snapshot batch windows.yaml",
            "  echo '{\"from\": \"-10m\", \"to\": \"-5m\"}' | hindsight snapshot batch - --no-wait"
        })
final class BatchCommand extends HubCommand {
    /** From the worst on. */
    private static final List<ExitStatus> BY_SEVERITY =
            List.of(ExitStatus.INTEGRITY_VIOLATED, ExitStatus.FAILED, ExitStatus.PARTIAL, ExitStatus.DONE);

    @Parameters(paramLabel = "FILE", description = "The requests; - reads them from standard input.")
    private String file = "-";

    @Option(names = "--name", paramLabel = "TEXT", description = "A name for people.")
    private @Nullable String name;

    @Option(names = "--no-wait", description = "Does not wait until all are sealed.")
    private boolean noWait;

    BatchCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        JsonArray requests = BatchFile.read(file, System.in);
        JsonObject request = new JsonObject().put("requests", requests);
        if (name != null) {
            request.put("name", name);
        }
        JsonObject begun = hub.post("/snapshots:batch", request);
        if (noWait) {
            print(begun);
            return ExitStatus.DONE;
        }
        JsonObject ended = new BatchWatch(hub, terminal(), json()).await(begun);
        print(ended);
        return status(JsonMapping.fromJson(ended, Batch.class));
    }

    /** Of the worst item. */
    private static ExitStatus status(Batch batch) {
        return batch.items().stream()
                .map(BatchCommand::status)
                .min(Comparator.comparingInt(BY_SEVERITY::indexOf))
                .orElse(ExitStatus.DONE);
    }

    private static ExitStatus status(Batch.Item item) {
        return item.state() == null ? ExitStatus.FAILED : SnapshotEnd.status(item.state(), item.error());
    }

    private void print(JsonObject batch) {
        if (json()) {
            terminal().out().println(batch.encode());
            return;
        }
        Table table = new Table("REQUEST", "SNAPSHOT", "STATE", "REASON");
        for (Batch.Item item : JsonMapping.fromJson(batch, Batch.class).items()) {
            String state = item.state() == null ? "GONE" : item.state().name();
            String reason = item.error() == null ? "" : item.error().code() + ": " + item.error().detail();
            table.row(String.valueOf(item.index()), item.id(), state, reason);
        }
        terminal().out().println("batch " + batch.getString("id"));
        table.print(terminal().out());
    }
}
