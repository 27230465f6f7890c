package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.hindsight.time.Durations;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code snapshot create}: freezes a window of the past. */
@Command(
        name = "create",
        description = "Freezes a window of the past into a snapshot.",
        footer = {
            "",
            "Examples:",
            "  hindsight snapshot create --last 5m --wait",
            "  hindsight snapshot create --from 2026-11-22T21:30:00Z --to now --name outage"
        })
final class CreateCommand extends HubCommand {
    @Option(names = "--last", paramLabel = "TIME", description = "The window that ends now: 30s, 5m, 1h30m, 12h, 2d.")
    private @Nullable String last;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Start: 2026-11-22T21:30:00Z, or -10m.")
    private @Nullable Instant from;

    @Option(names = "--to", paramLabel = "TIME", converter = TimeOption.class, description = "End, or now.")
    private @Nullable Instant to;

    @Option(names = "--nodes", paramLabel = "NAME", split = ",", description = "Only these nodes (default: all).")
    private @Nullable List<String> nodes;

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            split = ",",
            description = "Only these: packets, kubernetes, os (default: all).")
    private @Nullable List<String> sources;

    @Option(
            names = "--require-all",
            description = "Fails, and keeps nothing, where a node or a part of its window would be missing.")
    private boolean requireAll;

    @Option(names = "--name", paramLabel = "TEXT", description = "A name for people.")
    private @Nullable String name;

    @Option(
            names = "--lock-until",
            paramLabel = "TIME",
            converter = DeadlineOption.class,
            description = "Nobody deletes it before then: a time, or how long from now, for example 7d.")
    private @Nullable Instant lockUntil;

    @Option(names = "--wait", description = "Waits until it is sealed, and shows how far it is.")
    private boolean wait;

    CreateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        JsonObject created = hub.post("/snapshots", request());
        String id = created.getString("id");
        if (!wait) {
            print(created);
            return ExitStatus.DONE;
        }
        JsonObject ended = new SnapshotWatch(hub, ProgressView.of(terminal(), json())).await(id);
        print(ended);
        return new SnapshotEnd(JsonMapping.fromJson(ended, Snapshot.class)).status();
    }

    private JsonObject request() {
        checkWindow();
        JsonObject request = new JsonObject();
        put(request, "last", last);
        put(request, "from", from);
        put(request, "to", to);
        put(request, "name", name);
        put(request, "nodes", nodes == null ? null : new JsonArray(nodes));
        put(request, "sources", sources == null ? null : new JsonArray(sources));
        put(request, "lockUntil", lockUntil);
        put(request, "requireAll", requireAll ? true : null);
        return request;
    }

    private void checkWindow() {
        boolean range = from != null && to != null;
        boolean part = from != null || to != null;
        if (last != null ? part : !range) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_WINDOW, "Name the window: --last TIME, or both --from TIME and --to TIME.");
        }
        if (last != null) {
            Durations.parse(last);
        }
    }

    private static void put(JsonObject request, String field, @Nullable Object value) {
        if (value != null) {
            request.put(field, value instanceof Instant instant ? instant.toString() : value);
        }
    }

    private void print(JsonObject snapshot) {
        if (json()) {
            terminal().out().println(snapshot.encode());
        } else {
            new SnapshotText(JsonMapping.fromJson(snapshot, Snapshot.class)).print(terminal().out());
        }
    }
}
