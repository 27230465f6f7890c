package io.hindsight.hub.http;

import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the Hub's events to every reader: first the state of each running snapshot and each node, then what changes. All fields belong to the
 * verticle's context.
 */
final class EventFeed {
    private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
    private static final long STALL_CHECK_MS = 1_000;
    private static final int MAX_RUNNING = 1_000;

    private final Vertx vertx;
    private final BusClient hub;
    private final HttpLimits limits;
    private final Set<EventReader> readers = new LinkedHashSet<>();
    private long stalledReaders;
    private long supersededEvents;
    private long droppedEvents;

    EventFeed(Vertx vertx, BusClient hub, HttpLimits limits) {
        this.vertx = vertx;
        this.hub = hub;
        this.limits = limits;
    }

    void start() {
        vertx.eventBus().<JsonObject>localConsumer(Addresses.EVENTS, message -> publish(message.body()));
        vertx.setPeriodic(STALL_CHECK_MS, timer -> disconnectStalled());
        vertx.setPeriodic(limits.pingInterval().toMillis(), timer -> readers.forEach(EventReader::ping));
    }

    /** Before a reader is taken on: TOO_MANY_REQUESTS where there are enough. */
    void requirePlace() {
        if (readers.size() >= limits.maxEventClients()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit=" + limits.maxEventClients() + " readers of events are connected.");
        }
    }

    void add(EventSink sink) {
        EventReader reader = new EventReader(vertx, limits, sink);
        readers.add(reader);
        sink.onClose(() -> remove(reader));
        replay(reader);
    }

    private void remove(EventReader reader) {
        if (readers.remove(reader)) {
            supersededEvents += reader.superseded();
            droppedEvents += reader.dropped();
            reader.closed();
        }
    }

    private void replay(EventReader reader) {
        hub.snapshots(SnapshotAction.LIST, running(), "local")
                .onSuccess(page -> replay(reader, page.getJsonArray("snapshots", new JsonArray()), "snapshot"))
                .onFailure(failure -> LOG.warn("Running snapshots could not be replayed: {}", failure.getMessage()))
                .transform(replayed -> hub.nodes(NodeAction.LIST))
                .onSuccess(list -> replay(reader, list.getJsonArray("nodes", new JsonArray()), "node"))
                .onFailure(failure -> LOG.warn("Nodes could not be replayed: {}", failure.getMessage()))
                .onComplete(done -> reader.replayed());
    }

    private static void replay(EventReader reader, JsonArray objects, String type) {
        for (Object object : objects) {
            HubEvent.of(new JsonObject().put("type", type).put(type, object)).ifPresent(reader::replay);
        }
    }

    private static JsonObject running() {
        List<SnapshotState> states = Arrays.stream(SnapshotState.values()).filter(state -> !state.ended()).toList();
        return JsonMapping.toJson(new SnapshotQuery(null, states, null, "createdAt", MAX_RUNNING, 0));
    }

    private void publish(JsonObject body) {
        if (!readers.isEmpty()) {
            HubEvent.of(body).ifPresent(event -> readers.forEach(reader -> reader.offer(event)));
        }
    }

    private void disconnectStalled() {
        for (EventReader reader : List.copyOf(readers)) {
            if (reader.isStalled()) {
                stalledReaders++;
                LOG.info("Disconnected a reader of events that took nothing for {}", limits.stallTimeout());
                remove(reader);
                reader.disconnect();
            }
        }
    }

    int readerCount() {
        return readers.size();
    }

    /** Readers disconnected for taking nothing. */
    long stalledReaders() {
        return stalledReaders;
    }

    /** Events that readers skipped because a newer one of the same subject came first. */
    long supersededEvents() {
        return supersededEvents + readers.stream().mapToLong(EventReader::superseded).sum();
    }

    /** Events lost to the bound on subjects that wait. */
    long droppedEvents() {
        return droppedEvents + readers.stream().mapToLong(EventReader::dropped).sum();
    }

    /** The most events that wait for one reader. */
    int longestQueue() {
        return readers.stream().mapToInt(EventReader::pendingCount).max().orElse(0);
    }
}
