package io.hindsight.hub.nodes;

import io.hindsight.api.Boundaries;
import io.hindsight.api.Boundaries.NodeBoundaries;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.HeartbeatAnswer;
import io.hindsight.bus.NodeAction;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the nodes by their heartbeats, answers {@link Addresses#NODES}, and publishes every heartbeat and every loss as an event. A node is
 * reachable while its last heartbeat is younger than {@link #REACHABLE_FOR}; one that stays silent for {@link #FORGOTTEN_AFTER} is forgotten: until
 * then a snapshot of all nodes names it as missing. A node that should have an agent ({@link DaemonSetWatch}) is never forgotten.
 *
 * <p>Used on one context only: that on which {@link #start()} was called.
 */
public final class NodeRegistry {
    /** Silence after which a node counts as unreachable. */
    public static final Duration REACHABLE_FOR = Duration.ofSeconds(5);

    /** Silence after which a node is no longer listed. */
    public static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    /** Most nodes that are kept; heartbeats of more are refused and counted. */
    public static final int MAX_NODES = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);
    private static final long CHECK_INTERVAL_MS = 1_000;
    private static final long LONG_RETENTION_SECONDS = 86_400;

    private final Vertx vertx;
    private final InstantSource clock;
    private final LongSupplier nanoClock;
    private final LinkRegistry links;
    private final Map<String, KnownNode> nodes = new TreeMap<>();
    private final Map<String, Boolean> announcedReachable = new TreeMap<>();
    private final MissingNodes missing;
    private @Nullable NodeListener listener;
    private long refusedHeartbeats;

    /** Nothing happens before {@link #start()}; {@code nanoClock} as {@link System#nanoTime()}. */
    public NodeRegistry(Vertx vertx, InstantSource clock, LongSupplier nanoClock, LinkRegistry links) {
        this.vertx = vertx;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.links = links;
        this.missing = new MissingNodes(clock);
    }

    /** Takes which nodes should have an agent; they are listed, and meant by snapshots of all nodes, whether it was ever heard of or not. */
    void expect(Expectation expectation) {
        missing.expect(expectation);
        announceMissing();
    }

    /** Listens. */
    public void start() {
        vertx.eventBus().<JsonObject>consumer(Addresses.HEARTBEATS, this::heard);
        vertx.eventBus().<JsonObject>consumer(Addresses.NODES, this::answer);
        listenToLinks(vertx.getOrCreateContext());
        vertx.setPeriodic(CHECK_INTERVAL_MS, timer -> announceLosses());
    }

    private void listenToLinks(Context context) {
        links.listen(
                new LinkRegistry.Listener() {
                    @Override
                    public void lost(NodeId node) {
                        context.runOnContext(now -> linkLost(node));
                    }

                    @Override
                    public void conflict(NodeId node) {
                        context.runOnContext(now -> publish(node.name()));
                    }
                });
    }

    /** Tells this one, from now on. */
    public void listen(NodeListener told) {
        listener = told;
    }

    /** Every node that is listed, in the order of the names: those that were heard of, and those that should have been. */
    public List<NodeId> known() {
        return names().stream().map(NodeId::new).toList();
    }

    private Set<String> names() {
        Set<String> all = new TreeSet<>(nodes.keySet());
        all.addAll(missing.expected());
        return all;
    }

    /** Why a node cannot be reached, in whole sentences. */
    public String absence(NodeId node) {
        String silent = "No heartbeat of node=" + node + " for " + REACHABLE_FOR.toSeconds() + " s or more.";
        return missing.reason(node.name()).map(reason -> silent + " It is missing: " + reason).orElse(silent);
    }

    /** Whether the node was heard of lately. */
    public boolean isReachable(NodeId node) {
        return Optional.ofNullable(nodes.get(node.name())).map(this::isFresh).orElse(false);
    }

    /** The version of the node's agent. */
    public Optional<String> version(NodeId node) {
        return Optional.ofNullable(nodes.get(node.name())).map(known -> known.status().version());
    }

    /** How far the node's clock is from this Hub's, as its agent estimates it. */
    public Optional<ClockOffset> clock(NodeId node) {
        return Optional.ofNullable(nodes.get(node.name())).map(known -> known.status().clock());
    }

    /** How long the node's rings hold what they record at the present rate, the shortest of them; empty where nothing flows or nothing is known. */
    public Optional<Duration> projectedRetention(NodeId node) {
        return Optional.ofNullable(nodes.get(node.name()))
                .flatMap(known ->
                        known.status().sources().stream()
                                .map(SourceStatus::projectedRetentionSeconds)
                                .filter(Objects::nonNull)
                                .min(Comparator.naturalOrder()))
                .map(seconds -> Duration.ofSeconds(Math.clamp(seconds, 0, LONG_RETENTION_SECONDS)));
    }

    /** Heartbeats that were malformed or of one node too many, since start. */
    public long refusedHeartbeats() {
        return refusedHeartbeats;
    }

    private boolean isFresh(KnownNode node) {
        return !node.linkLost() && nanoClock.getAsLong() - node.heardNs() < REACHABLE_FOR.toNanos();
    }

    private void heard(Message<JsonObject> message) {
        try {
            NodeStatus status = JsonMapping.fromJson(message.body(), NodeStatus.class);
            NodeId node = new NodeId(status.node());
            if (!nodes.containsKey(node.name()) && nodes.size() >= MAX_NODES) {
                throw new HindsightException(
                        ErrorCode.TOO_MANY_REQUESTS,
                        "More than limit=" + MAX_NODES + " nodes; node=" + node + " is left out.");
            }
            links.heartbeat(node, status.instance(), message.headers().get(Addresses.MEMBER_HEADER));
            nodes.put(node.name(), new KnownNode(status, clock.instant(), nanoClock.getAsLong(), false));
            missing.arrived(node.name());
            announce(node.name(), true);
            if (listener != null) {
                listener.heard(status);
            }
            message.reply(JsonMapping.toJson(new HeartbeatAnswer(EpochNanos.of(clock.instant()))));
        } catch (HindsightException | NullPointerException e) {
            refuse(message, e);
        }
    }

    /** Logs the first and then every thousandth: a broken agent beats every second. */
    private void refuse(Message<JsonObject> message, RuntimeException reason) {
        if (refusedHeartbeats++ % 1_000 == 0) {
            LOG.warn("Refused a heartbeat, {} so far: {}", refusedHeartbeats, reason.getMessage());
        }
        BusFailures.fail(message, reason);
    }

    private void announce(String name, boolean reachable) {
        Boolean before = announcedReachable.put(name, reachable);
        if (!Boolean.valueOf(reachable).equals(before)) {
            LOG.info("node={} is {}", name, reachable ? "reachable" : "unreachable");
        }
        if (!reachable && listener != null) {
            listener.lost(new NodeId(name));
        }
        publish(name);
    }

    private void publish(String name) {
        if (nodes.containsKey(name) || missing.reason(name).isPresent()) {
            vertx.eventBus().publish(Addresses.EVENTS, new JsonObject().put("type", "node").put("node", listed(name)));
        }
    }

    private void announceMissing() {
        for (String name : missing.look(this::isFresh)) {
            missing.reason(name).ifPresent(reason -> LOG.warn("node={} is missing: {}", name, reason));
            publish(name);
        }
    }

    private boolean isFresh(String name) {
        KnownNode node = nodes.get(name);
        return node != null && isFresh(node);
    }

    private JsonObject listed(String name) {
        KnownNode known = nodes.get(name);
        return known == null ? missing.unheard(name) : listed(known);
    }

    private JsonObject listed(KnownNode known) {
        NodeId node = new NodeId(known.status().node());
        JsonObject json = known.toJson(isFresh(known));
        links.link(node)
                .ifPresent(link ->
                        json.put(
                                "link",
                                new JsonObject().put("from", link.from()).put("since", link.since().toString())));
        links.member(node)
                .ifPresent(member ->
                        json.put(
                                "member",
                                new JsonObject().put("from", member.from()).put("since", member.since().toString())));
        links.conflict(node).ifPresent(conflict -> json.put("conflict", conflict));
        missing.describe(node.name(), json);
        return json;
    }

    /** The Hub need not wait for silence: the agent's connection has ended. */
    private void linkLost(NodeId node) {
        KnownNode known = nodes.get(node.name());
        if (known != null && !known.linkLost()) {
            nodes.put(node.name(), known.withoutLink());
            announce(node.name(), false);
        }
    }

    private void announceLosses() {
        long nowNs = nanoClock.getAsLong();
        for (Map.Entry<String, KnownNode> node : List.copyOf(nodes.entrySet())) {
            String name = node.getKey();
            if (!isFresh(node.getValue()) && Boolean.TRUE.equals(announcedReachable.get(name))) {
                announce(name, false);
            }
            if (nowNs - node.getValue().heardNs() > FORGOTTEN_AFTER.toNanos()) {
                LOG.info("node={} is forgotten after {} of silence", name, FORGOTTEN_AFTER);
                nodes.remove(name);
                links.forget(new NodeId(name));
                announcedReachable.remove(name);
                if (listener != null) {
                    listener.forgotten(new NodeId(name));
                }
            }
        }
        announceMissing();
    }

    private void answer(Message<JsonObject> message) {
        String action = String.valueOf(message.headers().get(Addresses.ACTION_HEADER));
        if (action.equals(NodeAction.LIST.name())) {
            message.reply(list());
        } else if (action.equals(NodeAction.BOUNDARIES.name())) {
            message.reply(JsonMapping.toJson(boundaries()));
        } else {
            BusFailures.fail(
                    message,
                    HindsightException.ofField(
                            ErrorCode.INVALID_REQUEST, Addresses.ACTION_HEADER, "Unknown action=" + action + "."));
        }
    }

    private JsonObject list() {
        JsonArray all = new JsonArray();
        names().forEach(name -> all.add(listed(name)));
        return missing.describe(new JsonObject().put("nodes", all));
    }

    private Boundaries boundaries() {
        List<NodeBoundaries> all = nodes.values().stream().map(node -> node.boundaries(isFresh(node))).toList();
        return new Boundaries(
                all.stream()
                        .map(NodeBoundaries::oldest)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                all.stream()
                        .map(NodeBoundaries::newest)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                all);
    }
}
