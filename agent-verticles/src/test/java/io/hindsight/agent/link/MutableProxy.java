package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes bytes on to a server, until it is muted: then connections stay open, and nothing comes through. As a cut cable does. */
final class MutableProxy implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final NetClient client = vertx.createNetClient();
    private final NetServer server;
    private final List<NetSocket> abandoned = new CopyOnWriteArrayList<>();
    private volatile boolean muted;

    MutableProxy(int target) {
        server =
                result(
                        vertx.createNetServer()
                                .connectHandler(near -> {
                                    near.pause();
                                    client.connect(target, "127.0.0.1")
                                            .onSuccess(far -> join(near, far))
                                            .onFailure(down -> near.close());
                                })
                                .listen(0, "127.0.0.1"));
    }

    private void join(NetSocket near, NetSocket far) {
        pass(near, far);
        pass(far, near);
        near.resume();
    }

    private void pass(NetSocket from, NetSocket to) {
        from.handler(bytes -> {
            if (!muted) {
                to.write(bytes);
            }
        });
        from.closeHandler(closed -> {
            if (muted) {
                abandoned.add(to);
            } else {
                to.close();
            }
        });
    }

    int port() {
        return server.actualPort();
    }

    /** What one side has closed meanwhile is closed on the other when the cable is whole again. */
    void mute(boolean mute) {
        muted = mute;
        if (!mute) {
            abandoned.forEach(NetSocket::close);
            abandoned.clear();
        }
    }

    @Override
    public void close() {
        result(vertx.close());
    }
}
