package io.hindsight.hub.http;

import io.vertx.core.Future;

/** Where one reader's events go: a WebSocket, or server-sent events. Used on the verticle's context. */
interface EventSink {
    Future<Void> write(HubEvent event);

    /** Something that readers pass over, so that everything between here and there knows that this connection lives. */
    void ping();

    /** Whether more should wait for {@link #onDrain}. */
    boolean isFull();

    void onDrain(Runnable ready);

    void onClose(Runnable closed);

    /** Disconnects at once. */
    void close();
}
