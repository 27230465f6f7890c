package io.hindsight.hub.capture;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.nodes.NodeListener;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every agent that records packets what to record: when it comes, when the policy changes, and whenever a heartbeat shows another revision. One order is under
 * way for each node, and {@value #MAX_UNDER_WAY} in all; others wait, each node once. Heartbeats drive it: there is no timer, and a node that is not heard of is not told.
 * As many nodes as the registry lists. One context.
 */
final class CaptureOrders implements NodeListener {
    /** Each is up to some 40 KiB, and may have to be written to a slow link. */
    static final int MAX_UNDER_WAY = 64;

    private static final Logger LOG = LoggerFactory.getLogger(CaptureOrders.class);

    private final Vertx vertx;
    private final CaptureTimings timings;
    private final Predicate<NodeId> reachable;
    private final Runnable news;
    private final Map<String, Follower> followers = new TreeMap<>();
    private final Set<Follower> waiting = new LinkedHashSet<>();
    private CaptureState state;
    private List<OwnEndpoint> own = List.of();
    private int underWay;

    /**
     * @param state in force now
     * @param reachable whether a node was heard of lately
     * @param news told when what {@link #nodes()} says has changed
     */
    CaptureOrders(Vertx vertx, CaptureTimings timings, CaptureState state, Predicate<NodeId> reachable, Runnable news) {
        this.vertx = vertx;
        this.timings = timings;
        this.state = state;
        this.reachable = reachable;
        this.news = news;
    }

    /** Tells everybody of this from now on. */
    void changed(CaptureState inForce) {
        state = inForce;
        tellAll();
    }

    /** Where the Hub is reached. */
    void own(List<OwnEndpoint> endpoints) {
        if (!own.equals(endpoints)) {
            own = List.copyOf(endpoints);
            tellAll();
        }
    }

    private void tellAll() {
        followers.values().forEach(Follower::tellAnew);
        followers.values().stream().filter(follower -> reachable.test(follower.node())).forEach(this::tell);
    }

    @Override
    public void heard(NodeStatus status) {
        if (status.sources().stream().noneMatch(source -> source.source().equals(ChunkSource.PACKETS.label()))) {
            forgotten(new NodeId(status.node()));
            return;
        }
        Follower follower = followers.computeIfAbsent(status.node(), name -> new Follower(new NodeId(name)));
        if (follower.heard(status.instance(), status.capture())) {
            news.run();
        }
        tell(follower);
    }

    @Override
    public void lost(NodeId node) {
        Follower follower = followers.get(node.name());
        if (follower != null) {
            follower.lost();
            news.run();
        }
    }

    @Override
    public void forgotten(NodeId node) {
        Follower gone = followers.remove(node.name());
        if (gone != null) {
            waiting.remove(gone);
            news.run();
        }
    }

    /** Those that record packets, by name. */
    List<CaptureOverview.Node> nodes() {
        return followers.values().stream()
                .map(follower -> follower.show(state, reachable.test(follower.node())))
                .toList();
    }

    private void tell(Follower follower) {
        if (follower.isDue(state, System.nanoTime())) {
            if (underWay < MAX_UNDER_WAY) {
                order(follower);
            } else {
                waiting.add(follower);
            }
        }
    }

    private void order(Follower follower) {
        CaptureState told = state;
        follower.ordered(timings);
        underWay++;
        ask(follower.node(), new CaptureOrder(told, own))
                .map(answer -> requireFollowing(told, answer))
                .onSuccess(answer -> taken(follower, answer))
                .onFailure(failure -> refused(follower, told, BusFailures.asHindsight(failure)))
                .onComplete(ended -> ended(follower));
    }

    private Future<NodeCapture> ask(NodeId node, CaptureOrder order) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .addHeader(Addresses.ACTION_HEADER, AgentAction.CAPTURE.name())
                        .setSendTimeout(timings.answer().toMillis());
        return vertx.eventBus()
                .<JsonObject>request(Addresses.agent(node), JsonMapping.toJson(order), options)
                .map(BusFailures::body)
                .map(answer -> JsonMapping.fromJson(answer, NodeCapture.class));
    }

    private static NodeCapture requireFollowing(CaptureState told, NodeCapture answer) {
        if (answer.revision() != told.revision()) {
            throw new HindsightException(
                    ErrorCode.AGENT_FAILED,
                    "It was told revision=" + told.revision() + " and follows revision=" + answer.revision() + ".");
        }
        return answer;
    }

    private void taken(Follower follower, NodeCapture answer) {
        if (follower.hasProblem()) {
            LOG.info("node={} records what it is told to again, revision={}", follower.node(), answer.revision());
        }
        follower.answered(answer);
    }

    /** Logged once in a row: it is tried again for as long as the node is there. */
    private void refused(Follower follower, CaptureState told, HindsightException why) {
        String problem = why.code() + ": " + why.getMessage();
        if (follower.failed(problem, timings)) {
            LOG.warn(
                    "node={} could not be told what to record, revision={}: {}",
                    follower.node(),
                    told.revision(),
                    problem);
        }
    }

    private void ended(Follower follower) {
        underWay--;
        if (!waiting.isEmpty()) {
            Follower next = waiting.iterator().next();
            waiting.remove(next);
            tell(next);
        }
        if (followers.containsValue(follower)) {
            // What it was told may be out of date by now.
            tell(follower);
        }
        news.run();
    }
}
