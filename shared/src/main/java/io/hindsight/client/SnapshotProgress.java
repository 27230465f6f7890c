package io.hindsight.client;

import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot's states. It listens before it asks, so that no end falls between; and it asks again where it hears nothing, so that no end is lost with an event. Everything
 * belongs to the context.
 */
final class SnapshotProgress extends DemandStream<Snapshot> {
    /** Milliseconds without an event of the snapshot, after which the Hub is asked. */
    static final int ASK_AFTER_MS = 5_000;

    /** Questions in a row that a Hub that is away leaves without an answer: a minute, at least. */
    static final int MAX_UNANSWERED = 12;

    private final HubRequests requests;
    private final String id;
    private @Nullable MessageConsumer<JsonObject> events;
    private long timer = -1;
    private boolean heard;
    private boolean known;
    private int unanswered;
    private boolean asking;
    private boolean ended;

    /** What the reader has not seen. */
    private @Nullable Snapshot newest;

    SnapshotProgress(Vertx vertx, HubRequests requests, String id) {
        super(vertx);
        this.requests = requests;
        this.id = id;
    }

    @Override
    void begin() {
        MessageConsumer<JsonObject> consumer = vertx().eventBus().consumer(Addresses.EVENTS, this::event);
        events = consumer;
        timer = vertx().setPeriodic(ASK_AFTER_MS, tick -> onContext(this::askAfterSilence));
        consumer.completion().onComplete(registered -> onContext(this::ask));
    }

    private void askAfterSilence() {
        if (!heard) {
            ask();
        }
        heard = false;
    }

    private void ask() {
        if (asking || ended || isOver()) {
            return;
        }
        asking = true;
        requests.ask(Addresses.SNAPSHOTS, SnapshotAction.GET.name(), new JsonObject().put("id", id))
                .map(answer -> JsonMapping.fromJson(answer, Snapshot.class))
                .onComplete(answer ->
                        onContext(() -> {
                            asking = false;
                            if (answer.succeeded()) {
                                state(answer.result());
                            } else {
                                notAnswered(answer.cause());
                            }
                        }));
    }

    /** A Hub that restarts goes on with the snapshot: what passes is asked again, where it was there before. */
    private void notAnswered(Throwable failure) {
        unanswered++;
        boolean passes = failure instanceof HindsightException why && why.code().retryable();
        if (!passes || !known || unanswered > MAX_UNANSWERED) {
            fail(failure);
        }
    }

    private void event(Message<JsonObject> message) {
        JsonObject event = message.body();
        switch (String.valueOf(event.getValue("type"))) {
            case "snapshot" -> {
                if (event.getValue("snapshot") instanceof JsonObject snapshot && id.equals(snapshot.getValue("id"))) {
                    heard(snapshot);
                }
            }
            case "deleted" -> {
                if (id.equals(event.getValue("id")) && !ended) {
                    fail(
                            new HindsightException(
                                    ErrorCode.SNAPSHOT_NOT_FOUND, "The snapshot id=" + id + " was deleted."));
                }
            }
            default -> {
                // About something else.
            }
        }
    }

    private void heard(JsonObject snapshot) {
        heard = true;
        try {
            state(JsonMapping.fromJson(snapshot, Snapshot.class));
        } catch (HindsightException notOne) {
            fail(notOne);
        }
    }

    /** Once it has ended, only verifications and locks change it. */
    private void state(Snapshot snapshot) {
        if (ended || isOver()) {
            return;
        }
        known = true;
        unanswered = 0;
        newest = snapshot;
        ended = snapshot.state().ended();
        deliver();
    }

    @Override
    @Nullable Snapshot next() {
        Snapshot next = newest;
        newest = null;
        return next;
    }

    @Override
    boolean isExhausted() {
        return ended && newest == null;
    }

    @Override
    void release() {
        newest = null;
        if (timer >= 0) {
            vertx().cancelTimer(timer);
        }
        if (events != null) {
            events.unregister();
        }
    }
}
