package io.hindsight.agent.filter;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Tells the recorder of the same process where a connection of this program leads, so that its traffic can be left out. Never leaves the process. */
public final class OwnTraffic {
    /** Event-bus address within the process: {@code {"address": IP, "port": TCP}}. */
    public static final String ADDRESS = "hindsight.own-connections";

    private static final DeliveryOptions HERE = new DeliveryOptions().setLocalOnly(true);

    private OwnTraffic() {}

    /** A connection is open; null, or a socket without an IP address: nothing is told. */
    public static void opened(Vertx vertx, @Nullable SocketAddress remote) {
        if (remote != null && remote.hostAddress() != null) {
            JsonObject endpoint = new JsonObject().put("address", remote.hostAddress()).put("port", remote.port());
            vertx.eventBus().publish(ADDRESS, endpoint, HERE);
        }
    }
}
