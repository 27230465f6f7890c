package io.hindsight.hub.bridge;

import io.hindsight.bus.Addresses;
import io.hindsight.error.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Readings that one program has opened over its connection: their chunks come to addresses of its own, as bytes that a bridge can carry, and they end with the
 * connection rather than with their lease. One context.
 */
final class ProgramReads {
    /** Readings that are remembered, to be closed: more than a Hub has at once. */
    static final int MAX_REMEMBERED = 100;

    private static final String OPEN = "OPEN";
    private static final String CLOSE = "CLOSE";
    private static final String READ_ID = "readId";
    private static final String BUFFERS = "BUFFERS";

    private final Vertx vertx;
    private final Set<String> open = new LinkedHashSet<>();
    private boolean closed;

    ProgramReads(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Lets pass what may be asked; {@code own} are the addresses at which the program listens. */
    static void require(String address, String action, JsonObject body, Set<String> own) {
        if (!address.equals(Addresses.READS) || !action.equals(OPEN)) {
            return;
        }
        if (!(body.getValue("address") instanceof String to) || !ClientAddresses.isOne(to) || !own.contains(to)) {
            throw RefusedException.of(
                    BridgeRefusal.ADDRESS,
                    ErrorCode.FORBIDDEN,
                    "address",
                    "Chunks go to an address " + Addresses.CLIENTS + "TOKEN at which this connection is registered.");
        }
        if (!BUFFERS.equals(body.getValue("carrier"))) {
            throw RefusedException.of(
                    BridgeRefusal.CONTENT,
                    ErrorCode.INVALID_REQUEST,
                    "carrier",
                    "Over the bridge chunks come with carrier=" + BUFFERS + " alone.");
        }
    }

    /** The Hub has answered. */
    void answered(String address, String action, Object answer) {
        if (address.equals(Addresses.READS)
                && action.equals(OPEN)
                && answer instanceof JsonObject opened
                && opened.getValue(READ_ID) instanceof String id) {
            opened(id);
        }
    }

    private void opened(String id) {
        if (closed) {
            end(id);
            return;
        }
        open.add(id);
        if (open.size() > MAX_REMEMBERED) {
            Iterator<String> eldest = open.iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /** The last message of a reading says that there is no more of it. */
    void delivered(Object body) {
        if (body instanceof JsonObject end && end.getValue(READ_ID) instanceof String id) {
            open.remove(id);
        }
    }

    private void end(String id) {
        vertx.eventBus()
                .send(
                        Addresses.READS,
                        new JsonObject().put(READ_ID, id),
                        new DeliveryOptions().setLocalOnly(true).addHeader(Addresses.ACTION_HEADER, CLOSE));
    }

    /** The connection has ended. */
    void close() {
        closed = true;
        open.forEach(this::end);
        open.clear();
    }
}
