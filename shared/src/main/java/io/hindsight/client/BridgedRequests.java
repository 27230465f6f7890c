package io.hindsight.client;

import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Requests of a program that wait for the Hub's answers. One context. */
final class BridgedRequests {
    /** At once; fewer than a Hub takes of one connection. */
    static final int MAX_UNANSWERED = 60;

    private static final long ANSWER_NS = TimeUnit.MINUTES.toNanos(2);
    private static final long VERIFY_NS = TimeUnit.HOURS.toNanos(12);
    private static final String REPLY_PREFIX = "reply-";

    private final BridgedReadings readings;
    private final Supplier<BridgeClient> link;
    private final Map<String, Waiting> unanswered = new HashMap<>();
    private long sent;

    /** Answers are in no doubt after {@code deadlineNs}. */
    private record Waiting(Message<JsonObject> request, long deadlineNs) {}

    /** {@code link} throws where there is none. */
    BridgedRequests(BridgedReadings readings, Supplier<BridgeClient> link) {
        this.readings = readings;
        this.link = link;
    }

    void accept(Message<JsonObject> request) {
        try {
            relay(request, link.get());
        } catch (HindsightException refused) {
            BusFailures.fail(request, refused);
        }
    }

    private void relay(Message<JsonObject> request, BridgeClient open) {
        if (unanswered.size() >= MAX_UNANSWERED) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS, "limit=" + MAX_UNANSWERED + " requests wait for the Hub's answers.");
        }
        JsonObject body = Objects.requireNonNullElseGet(request.body(), JsonObject::new);
        String action = String.valueOf(request.headers().get(Addresses.ACTION_HEADER));
        boolean opens = isReading(request, action, ReadAction.OPEN);
        if (opens) {
            body = readings.open(body, open);
        } else if (isReading(request, action, ReadAction.CLOSE)) {
            readings.close(body, open);
        }
        Map<String, String> headers = new HashMap<>();
        request.headers().forEach(headers::put);
        String reply = request.replyAddress() == null ? null : REPLY_PREFIX + ++sent;
        if (!open.send(request.address(), headers, body, reply)) {
            throw new HindsightException(ErrorCode.PAYLOAD_TOO_LARGE, "The request is longer than a bridge carries.");
        }
        if (reply != null) {
            long patienceNs = action.equals(SnapshotAction.VERIFY.name()) ? VERIFY_NS : ANSWER_NS;
            unanswered.put(reply, new Waiting(request, System.nanoTime() + patienceNs));
        }
    }

    private static boolean isReading(Message<JsonObject> request, String action, ReadAction wanted) {
        return request.address().equals(Addresses.READS) && action.equals(wanted.name());
    }

    /** Whether the message is the answer to one. */
    boolean answered(BridgeFrame.Received message) {
        Waiting waiting = unanswered.remove(message.address());
        if (waiting == null) {
            return false;
        }
        DeliveryOptions options = new DeliveryOptions();
        message.headers().forEach(options::addHeader);
        JsonObject body = message.body() == null ? new JsonObject() : message.body();
        readings.answered(waiting.request().body(), body);
        waiting.request().reply(body, options);
        return true;
    }

    /** Whether one failed. */
    boolean failed(BridgeFrame.Failed failure) {
        Waiting waiting = failure.address() == null ? null : unanswered.remove(failure.address());
        if (waiting != null) {
            int code = failure.code() > 0 ? failure.code() : ErrorCode.INTERNAL.number();
            readings.notOpened(waiting.request(), link);
            waiting.request().fail(code, failure.detail());
        }
        return waiting != null;
    }

    /** Who waited this long, waits for nothing. */
    void expire(long nowNs) {
        unanswered.values().removeIf(waiting -> waiting.deadlineNs() - nowNs < 0);
    }

    void failAll(HindsightException why) {
        List<Waiting> all = new ArrayList<>(unanswered.values());
        unanswered.clear();
        all.forEach(waiting -> BusFailures.fail(waiting.request(), why));
    }
}
