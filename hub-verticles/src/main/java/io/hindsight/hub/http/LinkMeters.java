package io.hindsight.hub.http;

import io.hindsight.hub.link.LinkBridge;
import io.hindsight.hub.link.LinkRefusal;
import io.micrometer.core.instrument.Tag;

/** What there is to know of links. Stateless. */
final class LinkMeters {
    private LinkMeters() {}

    static void register(HubMetrics metrics, LinkBridge links) {
        metrics.gauge("hindsight.links", "Agents linked.", links, LinkBridge::openCount);
        metrics.gauge(
                "hindsight.link.partial.bytes",
                "Bytes of agents' messages that have arrived in part.",
                links,
                LinkBridge::partialBytes);
        for (LinkRefusal cause : LinkRefusal.values()) {
            metrics.counter(
                    "hindsight.link.refusals",
                    "Links, and messages on links, that were refused.",
                    Tag.of("cause", cause.label()),
                    links,
                    bridge -> bridge.counters().refused(cause));
        }
    }
}
