package io.hindsight.hub.bridge;

import io.hindsight.error.ErrorCode;
import io.hindsight.hub.access.Caller;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** What the HTTP side lends to the bridge, so that both let callers do the same and tell them the same. Used on the bridge's context. */
public interface BusOperations {
    /**
     * Lets pass who may ask this.
     *
     * @param body what is asked for: some of it may take more than the action does
     * @throws io.hindsight.error.HindsightException FORBIDDEN where the caller may not; INVALID_REQUEST where the address has no such action that programs may ask
     */
    void require(Caller caller, String address, String action, JsonObject body);

    /**
     * Lets pass who may follow events.
     *
     * @throws io.hindsight.error.HindsightException FORBIDDEN
     */
    void requireEvents(Caller caller);

    /**
     * Hands over every event from now on, first the state of what there is, as HTTP's readers get it.
     *
     * @return ends it
     * @throws io.hindsight.error.HindsightException TOO_MANY_REQUESTS where there are enough readers
     */
    Runnable follow(EventTarget target);

    /** Of something that a caller may not do: for the custody log. */
    void refused(Refused refused);

    /**
     * A caller was refused.
     *
     * @param code FORBIDDEN or UNAUTHENTICATED
     * @param who the caller's name
     * @param from its address
     * @param what {@code register} or {@code send}
     * @param address of the bus
     * @param action that was asked there, as it came
     * @param id of the snapshot that it was about, as it came; empty where there is none
     */
    record Refused(ErrorCode code, String who, String from, String what, String address, String action, String id) {}

    /** Where events go. */
    interface EventTarget {
        /** One event, as JSON. */
        Future<Void> write(String json);

        /** Whether more should wait for {@link #onDrain}. */
        boolean isFull();

        /** Runs this once when it is full no longer. */
        void onDrain(Runnable ready);

        /** It took nothing for too long. */
        void stalled();
    }
}
