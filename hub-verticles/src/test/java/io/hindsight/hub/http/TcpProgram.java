package io.hindsight.hub.http;

import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameHelper;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameParser;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A program's connection to the TCP bridge, in the frames of {@code vertx-tcp-eventbus-bridge}. */
final class TcpProgram {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final NetSocket socket;
    final List<JsonObject> received = new CopyOnWriteArrayList<>();
    final AtomicBoolean closed = new AtomicBoolean();

    /** Listens before anything can come. */
    static TcpProgram open(NetClient client, int port) {
        return client.connect(port, "127.0.0.1").map(TcpProgram::new).await();
    }

    private TcpProgram(NetSocket socket) {
        this.socket = socket;
        socket.handler(new FrameParser(frame -> received.add(frame.result())));
        socket.closeHandler(gone -> closed.set(true));
    }

    void send(String type, String address, @Nullable String reply, @Nullable String token, String action) {
        JsonObject headers = new JsonObject().put("action", action).put("requested-by", "otto");
        if (token != null) {
            headers.put("Authorization", "Bearer " + token);
        }
        FrameHelper.sendFrame(type, address, reply, headers, null, new JsonObject().put("id", "s-1"), socket);
    }

    JsonObject next(String address) {
        return await().atMost(PATIENCE)
                .until(
                        () ->
                                received.stream()
                                        .filter(each -> address.equals(each.getString("address")))
                                        .findFirst()
                                        .orElse(new JsonObject()),
                        each -> !each.isEmpty());
    }

    void awaitClosed() {
        await().atMost(PATIENCE).untilTrue(closed);
    }
}
