package io.hindsight.hub.http;

import io.hindsight.hub.bridge.BridgeCounters;
import io.hindsight.hub.bridge.BridgeRefusal;
import io.hindsight.hub.bridge.ProgramBridge;
import io.hindsight.hub.bridge.TcpBridge;
import io.micrometer.core.instrument.Tag;

/** What there is to know of programs at the bridge. Stateless. */
final class BridgeMeters {
    private BridgeMeters() {}

    static void register(HubMetrics metrics, TcpBridge tcp) {
        metrics.gauge("hindsight.bridge.tcp.connections", "Programs connected by TCP.", tcp, TcpBridge::openCount);
    }

    static void register(HubMetrics metrics, ProgramBridge bridge) {
        metrics.gauge("hindsight.bridge.sockets", "Programs connected by WebSocket.", bridge, ProgramBridge::openCount);
        metrics.gauge(
                "hindsight.bridge.backlog.bytes",
                "Bytes that wait for programs at the bridge.",
                bridge,
                ProgramBridge::backlogBytes);
        metrics.gauge(
                "hindsight.bridge.partial.bytes",
                "Bytes of programs' messages that have arrived in part.",
                bridge,
                ProgramBridge::partialBytes);
        metrics.counter(
                "hindsight.bridge.received.messages",
                "Messages of programs.",
                bridge.counters(),
                BridgeCounters::receivedCount);
        metrics.counter(
                "hindsight.bridge.sent.messages",
                "Messages to programs.",
                bridge.counters(),
                BridgeCounters::sentCount);
        for (BridgeRefusal cause : BridgeRefusal.values()) {
            metrics.counter(
                    "hindsight.bridge.refusals",
                    "Programs' connections and messages that were refused.",
                    Tag.of("cause", cause.label()),
                    bridge.counters(),
                    counters -> counters.refused(cause));
        }
    }
}
