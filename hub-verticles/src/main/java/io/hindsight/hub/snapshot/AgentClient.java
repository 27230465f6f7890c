package io.hindsight.hub.snapshot;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Asks one agent. Failures are {@link io.hindsight.error.HindsightException}s. */
final class AgentClient {
    private final Vertx vertx;
    private final NodeId node;
    private final Duration timeout;

    AgentClient(Vertx vertx, NodeId node, Duration timeout) {
        this.vertx = vertx;
        this.node = node;
        this.timeout = timeout;
    }

    Future<ExtentPlan> plan(PlanRequest request, Duration planTimeout) {
        return ask(AgentAction.PLAN, request, planTimeout)
                .map(answer -> JsonMapping.fromJson(answer, ExtentPlan.class));
    }

    Future<Void> stream(StreamRequest request) {
        return ask(AgentAction.STREAM, request, timeout).mapEmpty();
    }

    Future<Void> share(SharedStreamRequest request) {
        return ask(AgentAction.SHARE, request, timeout).mapEmpty();
    }

    Future<CreditAnswer> credit(CreditGrant grant) {
        return ask(AgentAction.CREDIT, grant, timeout).map(answer -> JsonMapping.fromJson(answer, CreditAnswer.class));
    }

    Future<Void> release(ReleaseRequest request) {
        return ask(AgentAction.RELEASE, request, timeout).mapEmpty();
    }

    private Future<JsonObject> ask(AgentAction action, Object request, Duration replyTimeout) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .addHeader(Addresses.ACTION_HEADER, action.name())
                        .setSendTimeout(replyTimeout.toMillis());
        return vertx.eventBus()
                .<JsonObject>request(Addresses.agent(node), JsonMapping.toJson(request), options)
                .map(BusFailures::body)
                .recover(failure -> Future.failedFuture(BusFailures.asHindsight(failure)));
    }
}
