package io.hindsight.client;

import io.hindsight.bridge.Backoff;
import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bridge.HubWords;
import io.hindsight.bridge.SocketEnd;
import io.hindsight.bus.Addresses;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a program's own bus to a Hub on another machine, over one WebSocket to the Hub's port: what the program sends to {@link Addresses#SNAPSHOTS}, {@link
 * Addresses#NODES} and {@link Addresses#READS} on its local bus goes to the Hub, answers come back, events are published here, and chunks come to the addresses that
 * readings name. So a {@link HubClient} over it is the one that runs beside the Hub.
 *
 * <pre>{@code
 * HubBridge.connect(vertx, HubBridgeOptions.of(URI.create("https://hub:8899")).token(Path.of("token")))
 *     .compose(bridge -> new HubClient(vertx).list(...));
 * }</pre>
 *
 * <p>A connection that breaks fails at once what waits for an answer, with NOT_READY, and ends every reading; then the Hub is dialled again and again, with waits that
 * grow to {@value #LONGEST_WAIT_S} s, until {@link #close()}. Requests meanwhile fail with NOT_READY and the reason. What is under way is bounded: {@value
 * BridgedRequests#MAX_UNANSWERED} requests, {@value BridgedReadings#MAX_READINGS} readings.
 *
 * <p>Thread-safe; everything happens on the context on which it was made.
 */
public final class HubBridge {
    private static final Logger LOG = LoggerFactory.getLogger(HubBridge.class);
    private static final long FIRST_WAIT_MS = 200;
    private static final int LONGEST_WAIT_S = 10;
    private static final long CHECK_MS = 1_000;
    private static final long SILENT_NS = TimeUnit.SECONDS.toNanos(15);
    private static final int CLIENT_ERRORS = 500;
    private static final DeliveryOptions HERE = new DeliveryOptions().setLocalOnly(true);

    private final Vertx vertx;
    private final HubBridgeOptions options;
    private final Context context;
    private final HubDial dial;
    private final Backoff backoff =
            new Backoff(
                    Duration.ofMillis(FIRST_WAIT_MS), Duration.ofSeconds(LONGEST_WAIT_S), RandomGenerator.getDefault());

    // Of the context.
    private final BridgedReadings readings;
    private final BridgedRequests requests;
    private final Promise<HubBridge> connected = Promise.promise();
    private List<MessageConsumer<JsonObject>> consumers = List.of();
    private @Nullable BridgeClient link;
    private String reason = "it is being dialled";
    private boolean closed;
    private long timer = -1;

    private HubBridge(Vertx vertx, HubBridgeOptions options) {
        this.vertx = vertx;
        this.options = options;
        this.context = vertx.getOrCreateContext();
        this.dial = new HubDial(vertx, options);
        this.readings = new BridgedReadings(vertx.eventBus());
        this.requests = new BridgedRequests(readings, this::linked);
    }

    /**
     * Connects.
     *
     * @return fails, and dials no more, where the Hub cannot be reached (NOT_READY), does not let this program in (UNAUTHENTICATED, FORBIDDEN), or a file cannot be used
     *     (INVALID_CONFIGURATION)
     */
    public static Future<HubBridge> connect(Vertx vertx, HubBridgeOptions options) {
        HubBridge bridge = new HubBridge(vertx, options);
        bridge.context.runOnContext(now -> bridge.begin());
        return bridge.connected.future();
    }

    /** Ends it; what is under way fails. Idempotent. */
    public Future<Void> close() {
        Promise<Void> ended = Promise.promise();
        context.runOnContext(now -> end("this program closed it").onComplete(ended));
        return ended.future();
    }

    private Future<Void> end(String why) {
        if (closed) {
            return Future.succeededFuture();
        }
        closed = true;
        BridgeClient open = link;
        Future<Void> gone = open == null ? Future.succeededFuture() : open.close(why);
        vertx.cancelTimer(timer);
        consumers.forEach(MessageConsumer::unregister);
        return gone.eventually(dial::close);
    }

    private void begin() {
        consumers =
                List.of(
                        vertx.eventBus().localConsumer(Addresses.SNAPSHOTS, requests::accept),
                        vertx.eventBus().localConsumer(Addresses.NODES, requests::accept),
                        vertx.eventBus().localConsumer(Addresses.READS, requests::accept));
        timer = vertx.setPeriodic(CHECK_MS, tick -> context.runOnContext(now -> check()));
        dial();
    }

    /** What requests go over. */
    private BridgeClient linked() {
        BridgeClient open = link;
        if (open == null) {
            throw new HindsightException(
                    ErrorCode.NOT_READY, "There is no connection to hub=" + options.hub() + ": " + reason + ".");
        }
        return open;
    }

    private void dial() {
        dial.open().onComplete(opened -> context.runOnContext(now -> dialled(opened.result(), opened.cause())));
    }

    private void dialled(@Nullable WebSocket socket, @Nullable Throwable failure) {
        if (socket == null) {
            notOpened(failure == null ? new IllegalStateException("no WebSocket") : failure);
        } else if (closed) {
            SocketEnd.close(vertx, socket);
        } else {
            opened(socket);
        }
    }

    private void opened(WebSocket socket) {
        BridgeClient client = new BridgeClient(vertx, socket, new Owner());
        link = client;
        client.register(Addresses.EVENTS);
        LOG.info("bridged hub={}", options.hub());
        connected.tryComplete(this);
    }

    private void notOpened(Throwable failure) {
        HindsightException known = known(failure);
        reason = String.valueOf(known.getMessage());
        if (connected.tryFail(known)) {
            end(reason).onComplete(ended -> LOG.debug("hub={} is not dialled any more.", options.hub()));
        } else if (!closed) {
            boolean refused = known.code() == ErrorCode.UNAUTHENTICATED || known.code() == ErrorCode.FORBIDDEN;
            dialAfter(refused ? backoff.refusedMs() : backoff.nextMs());
        }
    }

    private HindsightException known(Throwable failure) {
        return switch (failure) {
            case HindsightException known -> known;
            case UpgradeRejectedException refused ->
                    new HindsightException(
                            code(refused.getStatus()),
                            "The Hub at " + options.hub() + " refuses this program: " + HubWords.of(refused));
            default ->
                    new HindsightException(
                            ErrorCode.NOT_READY,
                            "The Hub at " + options.hub() + " cannot be reached: " + HubWords.of(failure),
                            failure);
        };
    }

    private static ErrorCode code(int status) {
        if (status >= CLIENT_ERRORS) {
            return ErrorCode.NOT_READY;
        }
        return switch (status) {
            case 401 -> ErrorCode.UNAUTHENTICATED;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404, 426 -> ErrorCode.NOT_FOUND;
            case 429 -> ErrorCode.TOO_MANY_REQUESTS;
            default -> ErrorCode.INVALID_REQUEST;
        };
    }

    private void dialAfter(long waitMs) {
        vertx.setTimer(
                waitMs,
                due ->
                        context.runOnContext(now -> {
                            if (!closed) {
                                dial();
                            }
                        }));
    }

    private void check() {
        BridgeClient open = link;
        requests.expire(System.nanoTime());
        if (open == null) {
            return;
        }
        if (open.isSilent(System.nanoTime(), SILENT_NS)) {
            open.close("nothing was heard of it for " + TimeUnit.NANOSECONDS.toSeconds(SILENT_NS) + " s");
        } else {
            open.ping();
        }
    }

    /** Of the one connection that there is. */
    private final class Owner implements BridgeClient.Owner {
        @Override
        public void received(BridgeFrame frame) {
            backoff.reset();
            switch (frame) {
                case BridgeFrame.Received message -> HubBridge.this.received(message);
                case BridgeFrame.Failed failure -> failed(failure);
                case BridgeFrame.Pong alive -> LOG.trace("{}", alive);
            }
        }

        @Override
        public void writable() {
            LOG.trace("hub={} takes more", options.hub());
        }

        @Override
        public void ended(String why) {
            lost(why);
        }
    }

    private void received(BridgeFrame.Received message) {
        if (message.address().equals(Addresses.EVENTS)) {
            if (message.body() != null) {
                vertx.eventBus().publish(Addresses.EVENTS, message.body(), HERE);
            }
        } else if (!requests.answered(message)) {
            BridgeClient open = link;
            if (readings.received(message) && open != null) {
                open.unregister(message.address());
            }
        }
    }

    private void failed(BridgeFrame.Failed failure) {
        if (!requests.failed(failure) && !readings.failed(failure)) {
            LOG.warn("The Hub at {} refused something of this program: {}", options.hub(), failure.words());
        }
    }

    private void lost(String why) {
        link = null;
        reason = why;
        HindsightException broken =
                new HindsightException(
                        ErrorCode.NOT_READY, "The connection to hub=" + options.hub() + " broke: " + why + ".");
        requests.failAll(broken);
        readings.failAll(broken);
        if (!closed) {
            LOG.warn("The connection to hub={} broke: {}. It is dialled anew.", options.hub(), why);
            dialAfter(backoff.nextMs());
        }
    }
}
