package io.hindsight.agent.link;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.bridge.Backoff;
import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bridge.HubWords;
import io.hindsight.bridge.RepeatedMessages;
import io.hindsight.bridge.SocketEnd;
import io.hindsight.bus.Addresses;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins an agent to a Hub on another machine: dials it, hands its orders to the agent over the local bus and the answers back, and forwards
 * the agent's heartbeats. It dials for as long as it is deployed; recording goes on whether there is a Hub or not.
 *
 * <p>The bridge does not say that it has taken the registration: a link counts as linked with the first heartbeat that the Hub answers.
 *
 * <p>Fields belong to the verticle's context, except {@link #home} and {@link #remote}.
 */
public final class LinkVerticle extends VerticleBase implements StreamEnds {
    private static final Logger LOG = LoggerFactory.getLogger(LinkVerticle.class);

    private final HubEndpoint hub;
    private final NodeId node;
    private final AgentIdentity identity;
    private final LinkTiming timing;
    private final Backoff backoff;
    private final Heartbeats heartbeats = new Heartbeats(Clock.systemUTC(), this::heartbeatRefused);
    private final RepeatedMessages troubles = new RepeatedMessages();

    private @Nullable OrderRelay orders;
    private @Nullable WebSocketClient client;
    private @Nullable MessageConsumer<JsonObject> statuses;
    private @Nullable BridgeClient link;
    private State state = State.WAITING;
    private long linkedSinceNs;

    /** Where every field belongs; null until it is deployed. Any thread reads. */
    private volatile @Nullable Context home;

    /** The other end of the link while it is open. Any thread reads. */
    private volatile @Nullable SocketAddress remote;

    private enum State {
        /** For the next dial. */
        WAITING,
        DIALLING,
        /** The WebSocket is open; no heartbeat was answered yet. */
        OPEN,
        LINKED,
        STOPPED
    }

    /** With the usual patience. */
    public LinkVerticle(HubEndpoint hub, NodeId node, AgentIdentity identity) {
        this(hub, node, identity, LinkTiming.DEFAULTS, RandomGenerator.getDefault());
    }

    /** {@code random} draws the waits between dials. */
    public LinkVerticle(
            HubEndpoint hub, NodeId node, AgentIdentity identity, LinkTiming timing, RandomGenerator random) {
        this.hub = hub;
        this.node = node;
        this.identity = identity;
        this.timing = timing;
        this.backoff = new Backoff(timing.firstWait(), timing.longestWait(), random);
    }

    /** Succeeds at once: whether there is a Hub shows later. */
    @Override
    public Future<?> start() {
        home = context;
        orders = new OrderRelay(vertx.eventBus(), node);
        client = vertx.createWebSocketClient(hub.webSocketOptions(timing.dial()));
        MessageConsumer<JsonObject> consumer = vertx.eventBus().localConsumer(Addresses.HEARTBEATS, this::heartbeat);
        statuses = consumer;
        vertx.setPeriodic(timing.ping().toMillis(), timer -> watch());
        dial();
        return consumer.completion();
    }

    private void heartbeat(Message<JsonObject> status) {
        heartbeats.offer(status.body());
        writable();
    }

    private void writable() {
        if (link != null) {
            heartbeats.flush(link);
        }
    }

    private void dial() {
        enter(State.DIALLING, "dialling");
        hub.locate()
                .compose(address -> hub.credentials().compose(shown -> connect(address, shown)))
                .onSuccess(this::opened)
                .onFailure(this::notOpened);
    }

    private Future<WebSocket> connect(SocketAddress address, HubCredentials credentials) {
        LOG.debug("dialling hub={} address={}", hub.uri(), address);
        return started(client).connect(hub.dial(identity, timing.dial(), address, credentials));
    }

    private void opened(WebSocket socket) {
        if (state == State.STOPPED) {
            SocketEnd.close(vertx, socket);
            return;
        }
        enter(State.OPEN, "the WebSocket is open");
        OwnTraffic.opened(vertx, socket.remoteAddress());
        BridgeClient opened = new BridgeClient(vertx, socket, new Owner());
        link = opened;
        remote = socket.remoteAddress();
        opened.register(started(orders).address());
        writable();
    }

    /** Of the one link that there is. */
    private final class Owner implements BridgeClient.Owner {
        @Override
        public void received(BridgeFrame frame) {
            BridgeClient from = link;
            if (from != null) {
                switch (frame) {
                    case BridgeFrame.Received message -> message(message, from);
                    case BridgeFrame.Failed failure -> failed(failure);
                    case BridgeFrame.Pong alive -> LOG.trace("{}", alive);
                }
            }
        }

        @Override
        public void writable() {
            LinkVerticle.this.writable();
        }

        @Override
        public void ended(String reason) {
            lost(reason);
        }
    }

    private void message(BridgeFrame.Received message, BridgeClient from) {
        OrderRelay relay = started(orders);
        if (message.address().equals(relay.address())) {
            relay.accept(message, from);
        } else if (heartbeats.isAnswered(message) && state == State.OPEN) {
            linkedSinceNs = System.nanoTime();
            enter(State.LINKED, "the Hub has answered a heartbeat");
            LOG.info("linked hub={} address={} node={}", hub.uri(), remote, node);
        }
    }

    /** A refused registration has no address, and neither has an answer that came too late for the Hub. */
    private void failed(BridgeFrame.Failed failure) {
        heartbeats.failed(failure);
        if (failure.address() == null) {
            trouble("The Hub refused a message of this agent: " + failure.words());
        }
    }

    private void heartbeatRefused(String words) {
        trouble("The Hub did not take a heartbeat: " + words);
    }

    private void lost(String reason) {
        link = null;
        remote = null;
        heartbeats.forget();
        if (state == State.STOPPED) {
            return;
        }
        if (state == State.LINKED) {
            LOG.warn(
                    "The link to hub={} is lost: {}. Recording goes on, and the Hub is dialled anew.",
                    hub.uri(),
                    reason);
            if (System.nanoTime() - linkedSinceNs >= timing.proof().toNanos()) {
                backoff.reset();
            }
        } else {
            trouble("The link to hub=" + hub.uri() + " did not come about: " + reason);
        }
        dialAfter(backoff.nextMs(), reason);
    }

    private void notOpened(Throwable failure) {
        if (state == State.STOPPED) {
            return;
        }
        if (failure instanceof UpgradeRejectedException refused) {
            String words = HubWords.of(refused);
            trouble("The Hub at " + hub.uri() + " refuses this agent: " + words);
            dialAfter(refused.getStatus() < 500 ? backoff.refusedMs() : backoff.nextMs(), words);
        } else {
            String words = HubWords.of(failure);
            trouble("The Hub at " + hub.uri() + " cannot be reached: " + words + ". Recording goes on.");
            dialAfter(backoff.nextMs(), words);
        }
    }

    private void dialAfter(long waitMs, String reason) {
        enter(State.WAITING, reason);
        vertx.setTimer(
                waitMs,
                timer -> {
                    if (state == State.WAITING) {
                        dial();
                    }
                });
    }

    /** Each at once, then once a minute. */
    private void trouble(String message) {
        long times = troubles.due(message, System.nanoTime());
        if (times == 1) {
            LOG.warn("{}", message);
        } else if (times > 1) {
            LOG.warn("{} ({} times since it was last said)", message, times);
        }
    }

    private void watch() {
        BridgeClient open = link;
        if (open == null) {
            return;
        }
        long nowNs = System.nanoTime();
        if (open.isSilent(nowNs, timing.silence().toNanos())) {
            open.close("the Hub was silent for " + timing.silence().toMillis() + " ms");
        } else if (heartbeats.unansweredNs(nowNs) > timing.answer().toNanos()) {
            open.close("the Hub answered no heartbeat for " + timing.answer().toMillis() + " ms");
        } else {
            open.ping();
        }
    }

    /** The Hub's address and port that the present link goes to; null: there is none. Any thread. */
    public @Nullable SocketAddress remoteAddress() {
        return remote;
    }

    private void enter(State next, String reason) {
        LOG.debug("link {} -> {}: {}", state, next, reason);
        state = next;
    }

    /** Any thread; the answer comes on the caller's context. */
    @Override
    public Future<Void> send(String address, JsonObject end) {
        Context owner = home;
        if (owner == null) {
            return Future.failedFuture(noLink());
        }
        Context caller = owner.owner().getOrCreateContext();
        Promise<Void> sent = Promise.promise();
        owner.runOnContext(now -> {
            HindsightException refusal = sendNow(address, end);
            caller.runOnContext(back -> {
                if (refusal == null) {
                    sent.complete();
                } else {
                    sent.fail(refusal);
                }
            });
        });
        return sent.future();
    }

    private @Nullable HindsightException sendNow(String address, JsonObject end) {
        BridgeClient open = link;
        if (open == null) {
            return noLink();
        }
        return open.send(address, Map.of(), end, null)
                ? null
                : new HindsightException(
                        ErrorCode.PAYLOAD_TOO_LARGE, "The end of a stream is longer than the link's limit.");
    }

    private HindsightException noLink() {
        return new HindsightException(ErrorCode.AGENT_UNREACHABLE, "There is no link to hub=" + hub.uri() + " now.");
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new HindsightException(ErrorCode.NOT_READY, "The link is starting.");
        }
        return part;
    }

    @Override
    public Future<?> stop() {
        enter(State.STOPPED, "undeployed");
        Future<Void> closed = link == null ? Future.succeededFuture() : link.close("the agent stops");
        return started(statuses).unregister().eventually(() -> closed).eventually(() -> started(client).close());
    }
}
