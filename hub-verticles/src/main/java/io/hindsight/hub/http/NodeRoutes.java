package io.hindsight.hub.http;

import io.hindsight.bus.NodeAction;
import io.vertx.ext.web.RoutingContext;

/** {@code /nodes} and {@code /boundaries}. Stateless. */
final class NodeRoutes {
    private final BusClient hub;

    NodeRoutes(BusClient hub) {
        this.hub = hub;
    }

    void list(RoutingContext context) {
        answer(context, NodeAction.LIST);
    }

    void boundaries(RoutingContext context) {
        answer(context, NodeAction.BOUNDARIES);
    }

    private void answer(RoutingContext context, NodeAction action) {
        hub.nodes(action).onSuccess(json -> Answers.json(context, 200, json)).onFailure(context::fail);
    }
}
