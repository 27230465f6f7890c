package io.hindsight.hub.http;

import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.InterfaceStatus;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.api.Transfer;
import io.hindsight.bus.Addresses;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What an agent would say of itself. */
final class Heartbeats {
    private Heartbeats() {}

    static SourceStatus source(long kernelDrops) {
        Instant now = Instant.now();
        return new SourceStatus(
                "packets",
                "af_packet",
                true,
                null,
                1_000,
                64_000,
                10.5,
                700.25,
                Map.of("kernel", kernelDrops),
                now.minusSeconds(60),
                now,
                1L << 30,
                1L << 20,
                0,
                3_600L,
                List.of(new InterfaceStatus("eth0", 1, true)),
                2,
                now.minusSeconds(30),
                "The capture socket was closed.",
                List.of(
                        new ProgramStatus("sched_process_exec", true, null),
                        new ProgramStatus("mark_victim", false, "The kernel has no such tracepoint.")));
    }

    static NodeStatus status(String node, SourceStatus... sources) {
        return new NodeStatus(
                        node,
                        "i-1",
                        "1.2.3",
                        Instant.now(),
                        Instant.now().minusSeconds(90),
                        List.of(sources),
                        null,
                        null)
                .withTransfers(Map.of("packets", new Transfer(8_192, 4_096)));
    }

    /** Sends a heartbeat to the Hub and waits until it has been taken. */
    static void send(Vertx vertx, String node, SourceStatus... sources) {
        vertx.eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(status(node, sources))).await();
    }

    /** And again every half second. */
    static void keepSending(Vertx vertx, String node, SourceStatus... sources) {
        vertx.setPeriodic(
                500,
                timer ->
                        vertx.eventBus()
                                .request(Addresses.HEARTBEATS, JsonMapping.toJson(status(node, sources)))
                                .onFailure(stopped -> vertx.cancelTimer(timer)));
    }
}
