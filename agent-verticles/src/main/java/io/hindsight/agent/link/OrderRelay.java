package io.hindsight.agent.link;

import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.AsyncResult;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * Hands the Hub's orders to the agent over the local bus, and its answers back over the link that the order came by. The bridge knows no
 * failing answers: a failure is an answer with {@link BusFailures#FAILURE_HEADER}. At most {@value #MAX_UNDER_WAY} orders are under way, over
 * all links; more are refused. Belongs to the link's context.
 */
final class OrderRelay {
    static final int MAX_UNDER_WAY = 256;

    /** Longer than any Hub waits: the Hub decides, and this bounds what a lost answer costs. */
    private static final long ANSWER_MS = 120_000;

    private final EventBus bus;
    private final String address;
    private int underWay;

    OrderRelay(EventBus bus, NodeId node) {
        this.bus = bus;
        this.address = Addresses.agent(node);
    }

    /** Where the Hub sends orders. */
    String address() {
        return address;
    }

    void accept(BridgeFrame.Received order, BridgeClient link) {
        if (underWay >= MAX_UNDER_WAY) {
            fail(
                    order,
                    link,
                    ErrorCode.TOO_MANY_REQUESTS,
                    "The agent has orders=" + underWay + " under way: its limit.");
        } else if (order.body() == null) {
            fail(order, link, ErrorCode.INVALID_REQUEST, "An order's body is a JSON object.");
        } else {
            underWay++;
            DeliveryOptions options = new DeliveryOptions().setLocalOnly(true).setSendTimeout(ANSWER_MS);
            String action = order.headers().get(Addresses.ACTION_HEADER);
            if (action != null) {
                options.addHeader(Addresses.ACTION_HEADER, action);
            }
            bus.<JsonObject>request(address, order.body(), options).onComplete(done -> answer(order, link, done));
        }
    }

    private void answer(BridgeFrame.Received order, BridgeClient link, AsyncResult<Message<JsonObject>> done) {
        underWay--;
        if (done.failed()) {
            fail(order, link, BusFailures.asHindsight(done.cause()));
            return;
        }
        JsonObject body = done.result().body() == null ? new JsonObject() : done.result().body();
        if (order.replyAddress() != null && !link.send(order.replyAddress(), Map.of(), body, null)) {
            fail(order, link, ErrorCode.PAYLOAD_TOO_LARGE, "The agent's answer is longer than the link's limit.");
        }
    }

    private static void fail(BridgeFrame.Received order, BridgeClient link, ErrorCode code, String message) {
        fail(order, link, new HindsightException(code, message));
    }

    private static void fail(BridgeFrame.Received order, BridgeClient link, HindsightException failure) {
        if (order.replyAddress() != null) {
            String code = Integer.toString(failure.code().number());
            link.send(
                    order.replyAddress(), Map.of(BusFailures.FAILURE_HEADER, code), BusFailures.detail(failure), null);
        }
    }
}
