package io.hindsight.hub.bridge;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.RequestHeaders;
import io.hindsight.hub.link.TokenBucket;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One program at the bridge: asks the Hub in its name, and hands it what it may have. A program sends to the Hub's addresses alone and gets the answers to its own
 * requests; nobody asks it anything, so that it answers nothing. It listens to events, and at {@link Addresses#client} addresses that are nobody else's. One
 * context.
 */
final class ProgramSession {
    private static final Logger LOG = LoggerFactory.getLogger(ProgramSession.class);
    private static final Set<String> ASKED = Set.of(Addresses.SNAPSHOTS, Addresses.NODES, Addresses.READS);

    private final Vertx vertx;
    private final BridgeLimits limits;
    private final BridgeCounters counters;
    private final BusOperations operations;
    private final ClientAddresses clients;
    private final ProgramConnection connection;
    private final String from;
    private final TokenBucket messages;
    private final ProgramReads reads;
    private final Set<BridgeRefusal> logged = EnumSet.noneOf(BridgeRefusal.class);

    /** What ends each registration, by its address. */
    private final Map<String, Runnable> registrations = new HashMap<>();

    private int unanswered;
    private boolean closed;

    ProgramSession(
            Vertx vertx,
            BridgeLimits limits,
            BridgeCounters counters,
            BusOperations operations,
            ClientAddresses clients,
            ProgramConnection connection,
            String from) {
        this.vertx = vertx;
        this.limits = limits;
        this.counters = counters;
        this.operations = operations;
        this.clients = clients;
        this.connection = connection;
        this.from = from;
        this.reads = new ProgramReads(vertx);
        this.messages = new TokenBucket(limits.messagesPerSecond(), limits.burstMessages(), System.nanoTime());
    }

    /** A message of the right shape, by this caller. */
    void handle(JsonObject message, Caller caller) {
        if (closed) {
            return;
        }
        counters.received();
        if (!messages.take(1, System.nanoTime())) {
            connection.end(
                    BridgeRefusal.FLOOD,
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "It sends more than limit=" + limits.messagesPerSecond() + " messages a second."));
            return;
        }
        try {
            perform(message, caller);
        } catch (RefusedException refused) {
            refuse(message, caller, refused);
        }
    }

    private void perform(JsonObject message, Caller caller) {
        switch (message.getString("type")) {
            case "ping" -> write(connection.dialect().pong());
            case "register" -> register(address(message), caller);
            case "unregister" -> unregister(address(message));
            case "send" -> send(message, address(message), caller);
            default ->
                    throw RefusedException.of(
                            BridgeRefusal.ADDRESS,
                            ErrorCode.FORBIDDEN,
                            "type",
                            "Programs publish nothing: send to one of the Hub's addresses.");
        }
    }

    private static String address(JsonObject message) {
        requireShort(message.getString("address", ""), "address");
        requireShort(message.getString("replyAddress", ""), "replyAddress");
        return message.getString("address", "");
    }

    private static void requireShort(String address, String member) {
        if (address.length() > BridgeLimits.MAX_ADDRESS_LENGTH) {
            throw RefusedException.of(
                    BridgeRefusal.INVALID_REQUEST,
                    ErrorCode.INVALID_REQUEST,
                    member,
                    "An address has at most limit=" + BridgeLimits.MAX_ADDRESS_LENGTH + " characters.");
        }
    }

    private void register(String address, Caller caller) {
        if (registrations.containsKey(address)) {
            // As if it had come once: what is said twice does no harm, and nothing comes twice.
            return;
        }
        if (registrations.size() >= limits.maxRegistrations()) {
            throw RefusedException.of(
                    BridgeRefusal.REGISTRATIONS,
                    ErrorCode.TOO_MANY_REQUESTS,
                    "address",
                    "A connection listens at limit="
                            + limits.maxRegistrations()
                            + " addresses at most; unregister one.");
        }
        if (address.equals(Addresses.EVENTS)) {
            registrations.put(address, follow(caller));
        } else if (ClientAddresses.isOne(address)) {
            registrations.put(address, listen(address));
        } else {
            throw RefusedException.of(
                    BridgeRefusal.ADDRESS,
                    ErrorCode.FORBIDDEN,
                    "address",
                    "Programs listen at "
                            + Addresses.EVENTS
                            + " and at "
                            + Addresses.CLIENTS
                            + "TOKEN, TOKEN being 16 to 64 letters, digits and '-'; got address="
                            + shown(address)
                            + ".");
        }
    }

    private Runnable follow(Caller caller) {
        try {
            operations.requireEvents(caller);
        } catch (HindsightException may) {
            throw new RefusedException(BridgeRefusal.PERMISSION, may);
        }
        try {
            return operations.follow(new Events());
        } catch (HindsightException full) {
            throw new RefusedException(BridgeRefusal.TOO_MANY, full);
        }
    }

    private final class Events implements BusOperations.EventTarget {
        @Override
        public Future<Void> write(String json) {
            return ProgramSession.this.write(connection.dialect().event(json));
        }

        @Override
        public boolean isFull() {
            return connection.isFull();
        }

        @Override
        public void onDrain(Runnable ready) {
            connection.onDrain(ready);
        }

        @Override
        public void stalled() {
            connection.cut(BridgeRefusal.BACKLOG, "It took nothing for too long.");
        }
    }

    private Runnable listen(String address) {
        return clients.listen(address, message -> deliver(address, message))
                .orElseThrow(() ->
                        RefusedException.of(
                                BridgeRefusal.HELD,
                                ErrorCode.FORBIDDEN,
                                "address",
                                "Another connection listens at this address: make a token of your own, of at least 122 random bits."));
    }

    private void unregister(String address) {
        Runnable ends = registrations.remove(address);
        if (ends != null) {
            ends.run();
        }
    }

    private void deliver(String address, Message<?> message) {
        Object body = message.body();
        if (!isCarried(body)) {
            counters.refuse(BridgeRefusal.CONTENT);
            logOnce(BridgeRefusal.CONTENT, "Something came for address=" + address + " that no bridge carries.");
            return;
        }
        reads.delivered(body);
        write(connection.dialect().delivered(address, message.headers(), body));
    }

    /** What JSON holds; bytes become text (base64). */
    private static boolean isCarried(@Nullable Object body) {
        return switch (body) {
            case null -> true;
            case JsonObject object -> true;
            case JsonArray array -> true;
            case Buffer bytes -> true;
            case CharSequence text -> true;
            case Number number -> true;
            case Boolean truth -> true;
            default -> false;
        };
    }

    private void send(JsonObject message, String address, Caller caller) {
        if (!ASKED.contains(address)) {
            throw RefusedException.of(
                    BridgeRefusal.ADDRESS,
                    ErrorCode.FORBIDDEN,
                    "address",
                    "Programs send to "
                            + String.join(", ", ASKED.stream().sorted().toList())
                            + "; got address="
                            + shown(address)
                            + ".");
        }
        String action = header(message, Addresses.ACTION_HEADER);
        JsonObject body = message.getJsonObject("body", new JsonObject());
        requireMay(caller, address, action, body);
        ProgramReads.require(address, action, body, registrations.keySet());
        if (unanswered >= limits.maxUnanswered()) {
            throw RefusedException.of(
                    BridgeRefusal.UNANSWERED,
                    ErrorCode.TOO_MANY_REQUESTS,
                    "replyAddress",
                    "limit=" + limits.maxUnanswered() + " requests of this connection wait for their answers.");
        }
        unanswered++;
        String replyAddress = message.getString("replyAddress");
        vertx.eventBus()
                .request(address, body, options(message, action, caller))
                .onComplete(answer -> {
                    unanswered--;
                    if (answer.succeeded()) {
                        reads.answered(address, action, answer.result().body());
                    }
                    answered(replyAddress, answer);
                });
    }

    private void requireMay(Caller caller, String address, String action, JsonObject body) {
        try {
            operations.require(caller, address, action, body);
        } catch (HindsightException refused) {
            BridgeRefusal cause =
                    refused.code() == ErrorCode.FORBIDDEN ? BridgeRefusal.PERMISSION : BridgeRefusal.ACTION;
            throw new RefusedException(cause, refused);
        }
    }

    /** Of the program's headers two are passed on. Who asks is said by nobody but the Hub. */
    private DeliveryOptions options(JsonObject message, String action, Caller caller) {
        Duration timeout =
                action.equals(SnapshotAction.VERIFY.name()) ? limits.verifyTimeout() : limits.answerTimeout();
        DeliveryOptions options =
                new DeliveryOptions()
                        .setLocalOnly(true)
                        .setSendTimeout(timeout.toMillis())
                        .addHeader(Addresses.ACTION_HEADER, action)
                        .addHeader(RequestHeaders.REQUESTED_BY, caller.name())
                        .addHeader(RequestHeaders.REQUESTED_FROM, from);
        String key = header(message, RequestHeaders.IDEMPOTENCY_KEY);
        return key.isEmpty() ? options : options.addHeader(RequestHeaders.IDEMPOTENCY_KEY, key);
    }

    private static String header(JsonObject message, String name) {
        return message.getJsonObject("headers", new JsonObject()).getString(name, "");
    }

    private void answered(@Nullable String replyAddress, AsyncResult<Message<Object>> answer) {
        if (closed || replyAddress == null) {
            return;
        }
        if (answer.failed()) {
            write(connection.dialect().failed(replyAddress, known(answer.cause())));
            return;
        }
        Message<Object> reply = answer.result();
        String frame = connection.dialect().delivered(replyAddress, reply.headers(), reply.body());
        if (frame.length() <= connection.maxMessageBytes()) {
            write(frame);
        } else {
            write(connection.dialect().failed(replyAddress, tooLong()));
        }
    }

    private HindsightException tooLong() {
        return new HindsightException(
                ErrorCode.PAYLOAD_TOO_LARGE,
                "The answer is longer than limit="
                        + connection.maxMessageBytes()
                        + " bytes, which the bridge carries: ask for less, or over HTTP.");
    }

    private static HindsightException known(Throwable failure) {
        boolean nobody = failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
        return nobody
                ? new HindsightException(ErrorCode.NOT_READY, "The Hub is starting or stopping.", failure)
                : BusFailures.asHindsight(failure);
    }

    /** Nobody knows whose message it is, or they may do nothing here. */
    void unauthenticated(JsonObject message, HindsightException why) {
        refuse(message, Caller.ANONYMOUS, new RefusedException(BridgeRefusal.of(why.code()), why));
    }

    private void refuse(JsonObject message, Caller caller, RefusedException refused) {
        counters.refuse(refused.refusal());
        logOnce(refused.refusal(), "who=" + caller.name() + ": " + refused.getMessage());
        ErrorCode code = refused.why().code();
        if (code == ErrorCode.FORBIDDEN || code == ErrorCode.UNAUTHENTICATED) {
            operations.refused(
                    new BusOperations.Refused(
                            code,
                            caller.name(),
                            from,
                            message.getString("type"),
                            shown(message.getString("address", "")),
                            shown(header(message, Addresses.ACTION_HEADER)),
                            id(message)));
        }
        write(connection.dialect().failed(whoWaits(message), refused.why()));
    }

    private static String id(JsonObject message) {
        JsonObject body = message.getJsonObject("body", new JsonObject());
        return body.getValue("id") instanceof String id ? shown(id) : "";
    }

    /** Where the program looks for what became of its message. */
    private static String whoWaits(JsonObject message) {
        String reply = message.getString("replyAddress", "");
        return reply.isEmpty() || reply.length() > BridgeLimits.MAX_ADDRESS_LENGTH
                ? shown(message.getString("address", ""))
                : reply;
    }

    private Future<Void> write(String frame) {
        if (closed) {
            return Future.failedFuture("The connection has ended.");
        }
        counters.sent();
        return connection.write(frame);
    }

    /** Once for each cause and connection. */
    void logOnce(BridgeRefusal cause, String reason) {
        if (logged.add(cause)) {
            LOG.warn("Refused at the bridge: cause={} from={} {}", cause.label(), from, reason);
        }
    }

    /** A word of a stranger, fit for a log. */
    private static String shown(String word) {
        String plain = word.substring(0, Math.min(word.length(), 101)).replaceAll("[^ -~]", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
    }

    /** The connection has ended: nothing is left of it. */
    void close() {
        closed = true;
        registrations.values().forEach(Runnable::run);
        registrations.clear();
        reads.close();
    }
}
