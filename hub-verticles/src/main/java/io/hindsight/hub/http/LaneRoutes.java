package io.hindsight.hub.http;

import io.hindsight.hub.lane.LaneLimits;
import io.hindsight.hub.lane.LaneRefusal;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.lane.Lanes;
import io.hindsight.hub.lane.PieceCounts;
import io.micrometer.core.instrument.Tag;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /lane}: connections that carry chunks from agents on other machines, and their meters. One context. */
final class LaneRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(LaneRoutes.class);

    private final Lanes lanes;

    private final PieceCounts pieces;
    private final ConnectionGuard connections;

    LaneRoutes(Vertx vertx, LaneTokens tokens, ConnectionGuard connections) {
        this.connections = connections;
        this.pieces = tokens.pieces();
        this.lanes = new Lanes(vertx, tokens, tokens.memory(), LaneLimits.DEFAULTS);
    }

    void start(HubMetrics metrics) {
        lanes.start();
        metrics.gauge("hindsight.lanes.open", "Lanes that are open.", lanes, Lanes::openCount);
        metrics.gauge(
                "hindsight.lanes.waiting", "Lanes that wait for room in lane-memory.", lanes, Lanes::waitingCount);
        metrics.gauge(
                "hindsight.lane.memory.used.bytes",
                "Bytes of lane-memory taken by chunks that arrive or are not written yet.",
                lanes,
                Lanes::usedBytes);
        metrics.counter("hindsight.channel.received.bytes", "Bytes that came over lanes.", lanes, Lanes::receivedBytes);
        metrics.counter(
                "hindsight.channel.received.chunks",
                "Whole chunks that came over lanes.",
                lanes,
                Lanes::receivedChunks);
        startPieces(metrics);
        for (LaneRefusal cause : LaneRefusal.values()) {
            metrics.counter(
                    "hindsight.lane.refusals",
                    "Lanes that were not opened, or ended by the Hub.",
                    Tag.of("cause", cause.label()),
                    lanes,
                    all -> all.refusedCount(cause));
        }
    }

    private void startPieces(HubMetrics metrics) {
        metrics.counter(
                "hindsight.cluster.received.bytes",
                "Bytes of chunks that came over the clustered bus.",
                pieces,
                PieceCounts::receivedBytes);
        metrics.counter(
                "hindsight.cluster.received.chunks",
                "Whole chunks that came over the clustered bus.",
                pieces,
                PieceCounts::receivedChunks);
        metrics.counter(
                "hindsight.cluster.doubled",
                "Offers and pieces that came again over the clustered bus, and were dropped.",
                pieces,
                PieceCounts::doubledCount);
        metrics.counter(
                "hindsight.cluster.refusals",
                "Streams over the clustered bus that the Hub broke off because of what came, or did not come.",
                pieces,
                PieceCounts::refusedCount);
    }

    /** Ahead of everything that reads a body: what was read cannot become a lane any more. */
    void open(RoutingContext context) {
        HttpConnection connection = context.request().connection();
        lanes.open(context.request(), AuthenticationCheck.who(context)::joinsAs)
                .onSuccess(open -> {
                    connections.handOver(connection);
                    LOG.debug("A lane is open for caller={}.", AuthenticationCheck.caller(context));
                })
                .onFailure(context::fail);
    }
}
