package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotState;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code snapshot list}. */
@Command(name = "list", description = "Lists snapshots, the newest first.")
final class ListCommand extends HubCommand {
    @Option(names = "--search", paramLabel = "TEXT", description = "Only those with this in their name or id.")
    private @Nullable String search;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            split = ",",
            description = "Only these states, for example COMPLETE,PARTIAL.")
    private @Nullable List<SnapshotState> states;

    @Option(names = "--node", paramLabel = "NAME", description = "Only those that hold this node.")
    private @Nullable String node;

    @Option(
            names = "--sort",
            paramLabel = "FIELD",
            description = "createdAt, name, bytes, from or to; -createdAt: descending.")
    private @Nullable String sort;

    @Option(names = "--batch", paramLabel = "ID", description = "Only those of this batch.")
    private @Nullable String batch;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
    private @Nullable Integer limit;

    @Option(names = "--offset", paramLabel = "N", description = "Skips the first ones.")
    private @Nullable Integer offset;

    ListCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        Query query =
                new Query()
                        .with("search", search)
                        .withEach("state", states == null ? List.of() : states)
                        .with("node", node)
                        .with("batch", batch)
                        .with("sort", sort)
                        .with("limit", limit)
                        .with("offset", offset);
        JsonObject page = hub.get("/snapshots" + query);
        if (json()) {
            terminal().out().println(page.encode());
        } else {
            print(JsonMapping.fromJson(page, SnapshotPage.class));
        }
        return ExitStatus.DONE;
    }

    private void print(SnapshotPage page) {
        Table table = new Table("ID", "NAME", "STATE", "CREATED", "WINDOW", "PACKETS", "SIZE");
        page.snapshots().forEach(snapshot -> row(table, snapshot));
        table.print(terminal().out());
        if (page.total() > page.snapshots().size()) {
            terminal()
                    .err()
                    .println(
                            page.snapshots().size()
                                    + " of "
                                    + page.total()
                                    + " shown; --limit and --offset show more.");
        }
    }

    private static void row(Table table, Snapshot snapshot) {
        table.row(
                snapshot.id(),
                snapshot.name(),
                SnapshotText.state(snapshot),
                snapshot.createdAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                Human.duration(Duration.between(snapshot.from(), snapshot.to())),
                Human.count(snapshot.packets()),
                Human.bytes(snapshot.bytes()));
    }
}
