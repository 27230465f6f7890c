package io.hindsight.hub.http;

import io.hindsight.api.CustodyStatus;
import io.hindsight.api.ScrubStatus;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VolumeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.ReadStatus;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.hub.link.LinkBridge;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /metrics}. The Hub is asked at each scrape, so nothing is counted twice and nothing is stale. One context. */
final class MetricsRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsRoutes.class);
    private static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final BusClient hub;
    private final HubMetrics metrics;

    MetricsRoutes(BusClient hub, HubMetrics metrics) {
        this.hub = hub;
        this.metrics = metrics;
    }

    void start(Vertx vertx, ConnectionGuard connections, EventFeed feed, ExportRoutes exports, LinkBridge links) {
        LinkMeters.register(metrics, links);
        vertx.eventBus().<JsonObject>localConsumer(Addresses.EVENTS, event -> metrics.snapshots().event(event.body()));
        metrics.gauge("hindsight.http.connections", "HTTP connections open.", connections, ConnectionGuard::openCount);
        metrics.counter(
                "hindsight.http.connections.refused",
                "Connections closed at once because there were too many.",
                connections,
                ConnectionGuard::refusedCount);
        metrics.counter(
                "hindsight.http.connections.idled",
                "Connections closed for being idle.",
                connections,
                ConnectionGuard::idledCount);
        metrics.counter(
                "hindsight.tls.handshakes.failed",
                "Connections that ended in their TLS handshake.",
                connections,
                ConnectionGuard::failedHandshakeCount);
        metrics.gauge("hindsight.events.clients", "Readers of events connected.", feed, EventFeed::readerCount);
        metrics.gauge(
                "hindsight.events.longest.queue",
                "Most events that wait for one reader.",
                feed,
                EventFeed::longestQueue);
        metrics.counter(
                "hindsight.events.superseded",
                "Events that a slow reader skipped for a newer one of the same subject.",
                feed,
                EventFeed::supersededEvents);
        metrics.counter(
                "hindsight.events.dropped",
                "Events lost because too many subjects waited.",
                feed,
                EventFeed::droppedEvents);
        metrics.counter(
                "hindsight.events.clients.stalled",
                "Readers of events disconnected for taking nothing.",
                feed,
                EventFeed::stalledReaders);
        metrics.gauge("hindsight.exports.active", "Exports under way.", exports, ExportRoutes::running);
        metrics.counter(
                "hindsight.exports.sent.bytes", "Bytes of exports that have ended.", exports, ExportRoutes::sentBytes);
    }

    void scrape(RoutingContext context) {
        Future.join(refreshes())
                .onFailure(failure -> LOG.debug("Not everything could be asked: {}", failure.toString()))
                .onComplete(done ->
                        context.response().putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE).end(metrics.scrape()));
    }

    private List<Future<?>> refreshes() {
        List<Future<?>> refreshes = new ArrayList<>();
        refreshes.add(hub.nodes(NodeAction.LIST).onSuccess(metrics.nodes()::update));
        for (SnapshotState state : SnapshotState.values()) {
            JsonObject query = JsonMapping.toJson(new SnapshotQuery(null, List.of(state), null, null, 1, 0));
            refreshes.add(
                    hub.snapshots(SnapshotAction.LIST, query, "local")
                            .onSuccess(page -> metrics.snapshots().count(state, page.getInteger("total", 0))));
        }
        refreshes.add(
                hub.snapshots(SnapshotAction.SCRUB_STATUS, new JsonObject(), "local")
                        .onSuccess(status -> metrics.scrub().update(JsonMapping.fromJson(status, ScrubStatus.class))));
        refreshes.add(
                hub.reads()
                        .onSuccess(status -> metrics.reads().update(JsonMapping.fromJson(status, ReadStatus.class))));
        refreshes.add(
                hub.snapshots(SnapshotAction.VOLUME, new JsonObject(), "local")
                        .onSuccess(
                                status -> metrics.volume().update(JsonMapping.fromJson(status, VolumeStatus.class))));
        refreshes.add(
                hub.custody(CustodyCall.STATUS, new JsonObject())
                        .onSuccess(
                                status -> metrics.volume().update(JsonMapping.fromJson(status, CustodyStatus.class))));
        return refreshes;
    }
}
