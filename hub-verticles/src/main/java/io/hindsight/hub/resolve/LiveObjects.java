package io.hindsight.hub.resolve;

import io.hindsight.api.NodeShortfall;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the agents know of Kubernetes at this moment. Asks all of them page by page, a few at a time, and says which answered late, not at all, or not all. What was
 * asked for a moment ago is not asked for again. Used on one context.
 */
public final class LiveObjects {
    /** Objects of all nodes together. */
    static final int MAX_OBJECTS = ResolutionLimits.MAX_WORKLOADS;

    private static final int NODES_AT_ONCE = 16;
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration NODE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration FRESH_FOR = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final Resolutions workers;
    private @Nullable Future<Live> latest;
    private long latestNs;

    /**
     * A node that records Kubernetes.
     *
     * @param node name
     * @param reachable whether it was heard of lately
     */
    public record LiveNode(String node, boolean reachable) {}

    /**
     * All answers together.
     *
     * @param resolution of everything that was answered
     * @param incomplete nodes of which something is missing
     */
    public record Live(Resolution resolution, List<NodeShortfall> incomplete) {}

    /** Puts answers together on the workers of the other. */
    public LiveObjects(Vertx vertx, Resolutions workers) {
        this.vertx = vertx;
        this.workers = workers;
    }

    /** Asks these nodes, which record Kubernetes. Never fails because a node does not answer. */
    public Future<Live> of(List<LiveNode> nodes) {
        Future<Live> known = latest;
        boolean isFresh =
                known != null
                        && !known.failed()
                        && (!known.isComplete() || System.nanoTime() - latestNs < FRESH_FOR.toNanos());
        if (known != null && isFresh) {
            return known;
        }
        Future<Live> asked = new Round(nodes).run();
        latest = asked;
        asked.onComplete(done -> latestNs = System.nanoTime());
        return asked;
    }

    /** What one node answered. */
    private static final class NodeAnswers {
        private final String node;
        private final long startedNs = System.nanoTime();
        private final List<JsonObject> pages = new ArrayList<>();
        private @Nullable String shortfall;

        private NodeAnswers(String node) {
            this.node = node;
        }
    }

    private final class Round {
        private final Deque<LiveNode> waiting;
        private final List<NodeAnswers> answers = new ArrayList<>();
        private final Promise<Live> done = Promise.promise();
        private int underWay;
        private int objects;

        private Round(List<LiveNode> nodes) {
            this.waiting = new ArrayDeque<>(nodes);
        }

        private Future<Live> run() {
            next();
            return done.future();
        }

        private void next() {
            while (underWay < NODES_AT_ONCE && !waiting.isEmpty()) {
                LiveNode node = waiting.removeFirst();
                NodeAnswers answer = new NodeAnswers(node.node());
                answers.add(answer);
                if (node.reachable()) {
                    underWay++;
                    page(answer, null)
                            .onComplete(ended -> {
                                underWay--;
                                next();
                            });
                } else {
                    answer.shortfall = "The node cannot be reached.";
                }
            }
            if (underWay == 0 && waiting.isEmpty()) {
                workers.onWorker(() -> merge(answers)).onComplete(done);
            }
        }

        private Future<Void> page(NodeAnswers node, @Nullable String after) {
            KnownObjectsRequest request = new KnownObjectsRequest(after, KnownObjectsRequest.MAX_LIMIT);
            DeliveryOptions options =
                    new DeliveryOptions()
                            .addHeader(Addresses.ACTION_HEADER, AgentAction.WORKLOADS.name())
                            .setSendTimeout(PAGE_TIMEOUT.toMillis());
            return vertx.eventBus()
                    .<JsonObject>request(Addresses.agent(new NodeId(node.node)), JsonMapping.toJson(request), options)
                    .compose(answer -> taken(node, answer))
                    .recover(failure -> {
                        node.shortfall = "The node did not answer: " + BusFailures.asHindsight(failure).getMessage();
                        return Future.succeededFuture();
                    });
        }

        private Future<Void> taken(NodeAnswers node, Message<JsonObject> answer) {
            JsonObject page = BusFailures.body(answer);
            int count = page.getJsonArray("objects").size();
            objects += count;
            if (objects > MAX_OBJECTS) {
                node.shortfall = "There are more than limit=" + MAX_OBJECTS + " objects; those after it are left out.";
                return Future.succeededFuture();
            }
            node.pages.add(page);
            String after = page.getString("next");
            if (after == null || count == 0) {
                return Future.succeededFuture();
            }
            if (System.nanoTime() - node.startedNs > NODE_TIMEOUT.toNanos()) {
                node.shortfall = "The node did not tell everything within " + NODE_TIMEOUT.toSeconds() + " s.";
                return Future.succeededFuture();
            }
            return page(node, after);
        }
    }

    private static Live merge(List<NodeAnswers> answers) {
        ResolutionBuilder builder = new ResolutionBuilder();
        List<NodeShortfall> incomplete = new ArrayList<>();
        for (NodeAnswers each : answers) {
            String shortfall = each.shortfall;
            try {
                String told = take(each, builder);
                shortfall = shortfall == null ? told : shortfall;
            } catch (HindsightException unreadable) {
                shortfall = "The node's answer cannot be read: " + unreadable.getMessage();
            }
            if (shortfall != null) {
                incomplete.add(new NodeShortfall(each.node, shortfall));
            }
        }
        return new Live(builder.build(), List.copyOf(incomplete));
    }

    /** Returns what the node itself says is missing. */
    private static @Nullable String take(NodeAnswers node, ResolutionBuilder builder) {
        KnownStates states = new KnownStates();
        String told = null;
        for (JsonObject page : node.pages) {
            KnownObjectsAnswer answer = JsonMapping.fromJson(page, KnownObjectsAnswer.class);
            answer.objects().forEach(states::add);
            if (answer.problem() != null) {
                told = answer.problem();
            } else if (!answer.complete() && told == null) {
                told = "The node has not seen all objects since it started, or has forgotten some for want of memory.";
            }
        }
        states.changes().forEach(change -> builder.kubernetesChange(node.node, change));
        return told;
    }
}
