package io.hindsight.launcher.client;

import io.hindsight.api.Timeline;
import io.hindsight.hub.timeline.TimelineQuery;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot timeline}: how much happened when. */
@Command(
        name = "timeline",
        description = "Shows how much happened when: packets, bytes, losses, gaps and events by kind.",
        footer = {"", "Examples:", "  hindsight snapshot timeline outage --bucket 10s --nodes worker-1"})
final class TimelineCommand extends HubCommand {
    @Parameters(
            paramLabel = "ID|PATH",
            description = "An id, the start of one, a name; or a snapshot's folder: then no Hub is needed.")
    private String reference = "";

    @Option(
            names = "--bucket",
            paramLabel = "LENGTH",
            description = "Length of a bucket, for example 1s or 5m (default: so that there are at most 300).")
    private @Nullable String bucket;

    @Option(names = "--nodes", paramLabel = "NAME", split = ",", description = "Only these nodes (default: all).")
    private @Nullable List<String> nodes;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only from this time on.")
    private @Nullable Instant from;

    @Option(names = "--to", paramLabel = "TIME", converter = TimeOption.class, description = "Only before this time.")
    private @Nullable Instant to;

    TimelineCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        Optional<Path> folder = SnapshotFolder.named(reference);
        if (folder.isPresent()) {
            TimelineQuery query = TimelineQuery.of(bucket, from, to, nodes == null ? List.of() : nodes);
            print(JsonMapping.toJson(new SnapshotFolder(folder.get()).timeline(query)));
            return ExitStatus.DONE.code();
        }
        return super.call();
    }

    @Override
    ExitStatus run(HubClient hub) {
        Query query =
                new Query()
                        .with("bucket", bucket)
                        .with("from", from)
                        .with("to", to)
                        .with("nodes", nodes == null ? null : String.join(",", nodes));
        print(hub.getAndWait(new SnapshotReference(hub).path(reference) + "/timeline" + query));
        return ExitStatus.DONE;
    }

    private void print(JsonObject timeline) {
        if (json()) {
            terminal().out().println(timeline.encode());
        } else {
            new TimelineText(JsonMapping.fromJson(timeline, Timeline.class)).print(terminal().out());
        }
    }
}
