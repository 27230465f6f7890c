package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot lock}. */
@Command(
        name = "lock",
        description = "Locks a snapshot: until then nobody deletes it. A lock may be extended, never shortened.")
final class LockCommand extends HubCommand {
    @Parameters(paramLabel = "ID", description = "An id, the start of one, or a name; it must mean one snapshot only.")
    private String reference = "";

    @Option(
            names = "--until",
            paramLabel = "TIME",
            required = true,
            converter = DeadlineOption.class,
            description = "Until when: a time, or how long from now, for example 7d.")
    private Instant until = Instant.EPOCH;

    LockCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        JsonObject locked =
                hub.put(
                        new SnapshotReference(hub).path(reference) + "/lock",
                        new JsonObject().put("until", until.toString()));
        if (json()) {
            terminal().out().println(locked.encode());
        } else {
            new SnapshotText(JsonMapping.fromJson(locked, Snapshot.class)).print(terminal().out());
        }
        return ExitStatus.DONE;
    }
}
