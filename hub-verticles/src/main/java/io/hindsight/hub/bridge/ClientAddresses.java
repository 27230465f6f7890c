package io.hindsight.hub.bridge;

import io.hindsight.bus.Addresses;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Addresses at which programs wait for what they asked the Hub to send: each is one connection's. Bounded by connections and their registrations. One context. */
final class ClientAddresses {
    private static final Pattern ADDRESS = Pattern.compile(Pattern.quote(Addresses.CLIENTS) + "[0-9a-zA-Z-]{16,64}");

    private final Vertx vertx;
    private final Set<String> held = new HashSet<>();

    ClientAddresses(Vertx vertx) {
        this.vertx = vertx;
    }

    static boolean isOne(String address) {
        return ADDRESS.matcher(address).matches();
    }

    /** What ends it; empty where another connection listens there. */
    Optional<Runnable> listen(String address, Handler<Message<Object>> handler) {
        if (!held.add(address)) {
            return Optional.empty();
        }
        MessageConsumer<Object> consumer = vertx.eventBus().localConsumer(address, handler);
        return Optional.of(() -> {
            consumer.unregister();
            held.remove(address);
        });
    }
}
