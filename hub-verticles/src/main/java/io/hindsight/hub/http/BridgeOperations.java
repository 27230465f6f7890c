package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.bridge.BusOperations;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Permissions, events and records of refusals as HTTP has them, for programs at the bridge. One context. */
final class BridgeOperations implements BusOperations {
    private final EventFeed feed;
    private final AccessCustody refusals;

    BridgeOperations(EventFeed feed, AccessCustody refusals) {
        this.feed = feed;
        this.refusals = refusals;
    }

    @Override
    public void require(Caller caller, String address, String action, JsonObject body) {
        Permission permission =
                OperationPermissions.ofAction(address, action)
                        .orElseThrow(() ->
                                HindsightException.ofField(
                                        ErrorCode.INVALID_REQUEST,
                                        "action",
                                        "The header action of a message to "
                                                + address
                                                + " is one of "
                                                + String.join(", ", OperationPermissions.actions(address))
                                                + "."));
        String what = "send action=" + action + " to " + address;
        OperationPermissions.require(caller, what, permission);
        if (OperationPermissions.locks(body)) {
            OperationPermissions.require(caller, what + " with lockUntil", Permission.LOCK);
        }
    }

    @Override
    public void requireEvents(Caller caller) {
        OperationPermissions.require(caller, "streamEvents", OperationPermissions.of("streamEvents"));
    }

    @Override
    public Runnable follow(EventTarget target) {
        feed.requirePlace();
        Sink sink = new Sink(target);
        feed.add(sink);
        return sink::ended;
    }

    @Override
    public void refused(Refused refused) {
        refusals.refused(refused);
    }

    /** One reader among those of {@code /events}. */
    private static final class Sink implements EventSink {
        private final EventTarget target;
        private Runnable closed = () -> {};

        Sink(EventTarget target) {
            this.target = target;
        }

        @Override
        public Future<Void> write(HubEvent event) {
            return target.write(event.json());
        }

        /** The bridge has pings of its own. */
        @Override
        public void ping() {}

        @Override
        public boolean isFull() {
            return target.isFull();
        }

        @Override
        public void onDrain(Runnable ready) {
            target.onDrain(ready);
        }

        @Override
        public void onClose(Runnable whenClosed) {
            closed = whenClosed;
        }

        @Override
        public void close() {
            target.stalled();
        }

        void ended() {
            closed.run();
        }
    }
}
