package io.hindsight.hub.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a file on its way to a client and ends the connection where nothing moves: with {@code sendFile} Vert.x learns of nothing until all is sent, so a
 * client that stops reading would keep its place among the exports for ever. All fields belong to the connection's event loop.
 */
final class SendWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SendWatch.class);

    /** Looks in each time-out. */
    private static final int LOOKS = 4;

    private static final long MAX_INTERVAL_MS = 1_000;

    private final Channel channel;
    private final long timeoutNs;
    private long seenProgress = -1;
    private long seenPending = -1;
    private long movedNs = System.nanoTime();

    private final Runnable ended;
    private long timer;

    private SendWatch(Channel channel, long timeoutNs, Runnable ended) {
        this.channel = channel;
        this.timeoutNs = timeoutNs;
        this.ended = ended;
    }

    /**
     * Watches until the connection is closed, or {@link #stop}.
     *
     * @param ended called where the connection has been closed, which Vert.x does not tell the response while a file is being sent
     */
    static SendWatch start(Vertx vertx, RoutingContext context, HttpLimits limits, Runnable ended) {
        SendWatch watch =
                new SendWatch(Channels.of(context.request().connection()), limits.stallTimeout().toNanos(), ended);
        long intervalMs = Math.max(1, Math.min(MAX_INTERVAL_MS, limits.stallTimeout().toMillis() / LOOKS));
        watch.timer = vertx.setPeriodic(intervalMs, look -> watch.look(vertx));
        return watch;
    }

    void stop(Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    private void look(Vertx vertx) {
        if (!channel.isOpen()) {
            stop(vertx);
            ended.run();
            return;
        }
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        long progress = waiting == null ? -1 : waiting.currentProgress();
        long pending = waiting == null ? -1 : waiting.totalPendingWriteBytes();
        if (progress != seenProgress || pending != seenPending) {
            seenProgress = progress;
            seenPending = pending;
            movedNs = System.nanoTime();
        } else if (System.nanoTime() - movedNs > timeoutNs) {
            LOG.info("Broke off an export: the client took nothing for {} ms", timeoutNs / 1_000_000);
            Channels.abort(channel);
        }
    }
}
