package io.hindsight.hub.http;

import io.hindsight.api.Batch;
import io.hindsight.api.Boundaries;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyStatus;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.RetentionPlan;
import io.hindsight.api.ScrubStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VolumeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The bus side of a Hub that says what a test wants it to say. */
final class HubDouble {
    private final Vertx vertx;

    /** Snapshots by id. */
    final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

    /** Every request that came to {@link Addresses#SNAPSHOTS}: action, and who asked. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** What came to the custody log. */
    final List<CustodyEvent> recorded = new CopyOnWriteArrayList<>();

    /** How every request about snapshots fails; null: it does not. */
    volatile @Nullable Throwable failure;

    /** Requests about snapshots are never answered. */
    volatile boolean silent;

    volatile List<NodeStatus> nodes = List.of();

    HubDouble(Vertx vertx) {
        this.vertx = vertx;
        vertx.eventBus().<JsonObject>consumer(Addresses.SNAPSHOTS, this::snapshots);
        vertx.eventBus().<JsonObject>consumer(Addresses.NODES, this::nodes);
        vertx.eventBus().<JsonObject>localConsumer(Addresses.CUSTODY, this::custody);
    }

    static Snapshot snapshot(String id, SnapshotState state, long bytes) {
        Instant now = Instant.parse("2026-11-22T20:00:00.123456789Z");
        return new Snapshot(
                id,
                id,
                state,
                now,
                "local",
                null,
                now.minusSeconds(300),
                now,
                bytes,
                7,
                0,
                1,
                null,
                List.of(),
                null,
                null);
    }

    /** Publishes as the Hub does. */
    void publish(Snapshot snapshot) {
        snapshots.put(snapshot.id(), snapshot);
        JsonObject event = new JsonObject().put("type", "snapshot").put("snapshot", JsonMapping.toJson(snapshot));
        vertx.eventBus().publish(Addresses.EVENTS, event);
    }

    void publishDeleted(String id) {
        snapshots.remove(id);
        vertx.eventBus().publish(Addresses.EVENTS, new JsonObject().put("type", "deleted").put("id", id));
    }

    private void snapshots(Message<JsonObject> message) {
        SnapshotAction action = SnapshotAction.valueOf(message.headers().get(Addresses.ACTION_HEADER));
        requests.add(action + " by " + message.headers().get(BusClient.REQUESTED_BY));
        Throwable broken = failure;
        if (broken instanceof Error) {
            message.reply("not an object");
        } else if (broken != null) {
            BusFailures.fail(message, broken);
        } else if (!silent) {
            answer(message, action);
        }
    }

    private void answer(Message<JsonObject> message, SnapshotAction action) {
        switch (action) {
            case LIST ->
                    message.reply(JsonMapping.toJson(list(JsonMapping.fromJson(message.body(), SnapshotQuery.class))));
            case CREATE -> message.reply(JsonMapping.toJson(snapshot("made", SnapshotState.REQUESTED, 0)));
            case BATCH, GET_BATCH, CANCEL_BATCH ->
                    message.reply(
                            JsonMapping.toJson(
                                    new Batch("made", null, Instant.EPOCH, "local", true, Map.of(), 0, 0, List.of())));
            case SCRUB_STATUS ->
                    message.reply(JsonMapping.toJson(new ScrubStatus(7, Map.of("damaged", 1L), 1, 60, null)));
            case VOLUME -> message.reply(JsonMapping.toJson(new VolumeStatus(0, 7, 0, 100, VolumeStatus.Level.OK)));
            case RETENTION ->
                    message.reply(
                            JsonMapping.toJson(new RetentionPlan("0s", 0, false, 0, 0, 0, 0, List.of(), List.of(), 0)));
            case GET, CANCEL, DELETE, VERIFY, MANIFEST, LOCK -> one(message);
        }
    }

    private SnapshotPage list(SnapshotQuery query) {
        List<SnapshotState> states = query.states();
        List<Snapshot> found =
                snapshots.values().stream().filter(one -> states == null || states.contains(one.state())).toList();
        return new SnapshotPage(found, found.size(), 100, 0);
    }

    private void one(Message<JsonObject> message) {
        Snapshot found = snapshots.get(message.body().getString("id"));
        if (found == null) {
            BusFailures.fail(message, HindsightException.ofField(ErrorCode.SNAPSHOT_NOT_FOUND, "id", "There is none."));
        } else {
            message.reply(JsonMapping.toJson(found));
        }
    }

    private void custody(Message<JsonObject> message) {
        switch (CustodyCall.valueOf(message.headers().get(Addresses.ACTION_HEADER))) {
            case RECORD -> {
                recorded.add(JsonMapping.fromJson(message.body(), CustodyEvent.class));
                message.reply(new JsonObject());
            }
            case LIST -> message.reply(JsonMapping.toJson(new CustodyPage(List.of(), null, 0, 0, "0".repeat(64))));
            case STATUS -> message.reply(JsonMapping.toJson(new CustodyStatus(0, "0".repeat(64), 0, 0, 0)));
        }
    }

    private void nodes(Message<JsonObject> message) {
        if (NodeAction.BOUNDARIES.name().equals(message.headers().get(Addresses.ACTION_HEADER))) {
            message.reply(JsonMapping.toJson(new Boundaries(null, null, List.of())));
            return;
        }
        JsonArray all = new JsonArray();
        nodes.forEach(node ->
                all.add(JsonMapping.toJson(node).put("reachable", true).put("lastHeartbeat", "2026-11-22T20:00:00Z")));
        message.reply(new JsonObject().put("nodes", all));
    }
}
