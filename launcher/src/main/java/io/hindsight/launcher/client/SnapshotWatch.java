package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Follows a snapshot to its end by the Hub's server-sent events; where the stream breaks off, by asking a few times a second, until the Hub
 * no longer answers. Use it once, from one thread.
 */
public final class SnapshotWatch {
    private static final long POLL_INTERVAL_MS = 250;
    private static final int SILENCE_LIMIT_MS = 30_000;
    private static final String DATA_FIELD = "data:";

    private final HubClient hub;
    private final ProgressView view;
    private SnapshotState newest = SnapshotState.REQUESTED;

    /** Shows what it sees in the view. */
    public SnapshotWatch(HubClient hub, ProgressView view) {
        this.hub = hub;
        this.view = view;
    }

    /** The snapshot once it has ended. */
    public JsonObject await(String id) {
        try {
            followEvents(id);
            return poll(id);
        } finally {
            view.end();
        }
    }

    private void followEvents(String id) {
        try (InputStream events = hub.open("/events", "text/event-stream", SILENCE_LIMIT_MS).body();
                BufferedReader lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8))) {
            // The stream tells only of what still runs: had it ended before we listened, nothing would ever come.
            boolean ended = show(JsonMapping.fromJson(hub.get("/snapshots/" + id), Snapshot.class));
            while (!ended) {
                String line = lines.readLine();
                ended = line == null || ends(id, line);
            }
        } catch (IOException brokenOff) {
            // Nothing is lost: poll() goes on from here, and fails with a clear message if the Hub is gone.
            view.end();
        }
    }

    /** Whether the line says that nothing more comes for this snapshot. */
    private boolean ends(String id, String line) {
        if (!line.startsWith(DATA_FIELD)) {
            return false;
        }
        JsonObject event = new JsonObject(line.substring(DATA_FIELD.length()).strip());
        if (id.equals(event.getString("id")) && "deleted".equals(event.getString("type"))) {
            return true;
        }
        return snapshot(event, id).map(this::show).orElse(false);
    }

    private static Optional<Snapshot> snapshot(JsonObject event, String id) {
        JsonObject snapshot = event.getJsonObject("snapshot");
        return snapshot == null || !id.equals(snapshot.getString("id"))
                ? Optional.empty()
                : Optional.of(JsonMapping.fromJson(snapshot, Snapshot.class));
    }

    /** Events that were under way while we asked are older than the answer: they are passed over. */
    private boolean show(Snapshot snapshot) {
        if (snapshot.state().compareTo(newest) >= 0) {
            newest = snapshot.state();
            view.update(snapshot);
        }
        return newest.ended();
    }

    private JsonObject poll(String id) {
        JsonObject snapshot = hub.get("/snapshots/" + id);
        while (!show(JsonMapping.fromJson(snapshot, Snapshot.class))) {
            pause();
            snapshot = hub.get("/snapshots/" + id);
        }
        return snapshot;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ErrorCode.CANCELLED, "Interrupted; the snapshot goes on at the Hub.");
        }
    }
}
