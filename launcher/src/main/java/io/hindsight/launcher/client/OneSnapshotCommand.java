package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands that ask one thing of one snapshot. */
abstract class OneSnapshotCommand extends HubCommand {
    @Parameters(paramLabel = "ID", description = "An id, the start of one, or a name; it must mean one snapshot only.")
    private String reference = "";

    private OneSnapshotCommand(Terminal terminal) {
        super(terminal);
    }

    /** Asks; {@code path} is the snapshot's, below the API's root. */
    abstract void ask(HubClient hub, String path);

    @Override
    final ExitStatus run(HubClient hub) {
        ask(hub, new SnapshotReference(hub).path(reference));
        return ExitStatus.DONE;
    }

    final void print(JsonObject snapshot) {
        if (json()) {
            terminal().out().println(snapshot.encode());
        } else {
            new SnapshotText(JsonMapping.fromJson(snapshot, Snapshot.class)).print(terminal().out());
        }
    }

    /** {@code snapshot show}. */
    @Command(name = "show", description = "Shows a snapshot: what it holds, and what it lacks and why.")
    static final class Show extends OneSnapshotCommand {
        private static final Set<String> SEALED = Set.of(SnapshotState.COMPLETE.name(), SnapshotState.PARTIAL.name());

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        void ask(HubClient hub, String path) {
            JsonObject snapshot = hub.get(path);
            print(snapshot);
            if (!json() && SEALED.contains(snapshot.getString("state"))) {
                captures(hub, path);
            }
        }

        /** What the nodes recorded stands in the manifest alone. */
        private void captures(HubClient hub, String path) {
            try {
                CaptureText.printHistory(terminal().out(), hub.get(path + "/manifest"));
            } catch (CommandFailure failed) {
                terminal().err().println("What was recorded when cannot be shown: " + failed.getMessage());
            }
        }
    }

    /** {@code snapshot cancel}. */
    @Command(name = "cancel", description = "Cancels a running snapshot; nothing of it is kept.")
    static final class Cancel extends OneSnapshotCommand {
        Cancel(Terminal terminal) {
            super(terminal);
        }

        @Override
        void ask(HubClient hub, String path) {
            print(hub.post(path + "/cancel", null));
        }
    }

    /** {@code snapshot end}. */
    @Command(
            name = "end",
            description =
                    "Ends a window that is still being recorded: the snapshot is sealed with what came until now.")
    static final class End extends OneSnapshotCommand {
        End(Terminal terminal) {
            super(terminal);
        }

        @Override
        void ask(HubClient hub, String path) {
            print(hub.post(path + "/end", null));
        }
    }

    /** {@code snapshot delete}. */
    @Command(name = "delete", description = "Deletes a snapshot and its files. This cannot be undone.")
    static final class Delete extends OneSnapshotCommand {
        Delete(Terminal terminal) {
            super(terminal);
        }

        @Override
        void ask(HubClient hub, String path) {
            hub.delete(path);
            String id = path.substring(path.lastIndexOf('/') + 1);
            terminal()
                    .out()
                    .println(json() ? new JsonObject().put("id", id).put("deleted", true).encode() : "deleted " + id);
        }
    }
}
