package io.hindsight.hub.testing;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlannedRing;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An agent that speaks the bus protocol as it is written, and sends the chunks it is given; and that breaks off, falls silent or ignores its
 * credit where a test wants it. Fields of a stream are used on the agent's context only.
 */
public final class ScriptedAgent {
    private static final DeliveryOptions BY_REFERENCE = new DeliveryOptions().setCodecName(ChunkCodec.NAME);

    private final Vertx vertx;
    private final NodeId node;
    private final Supplier<List<Chunk>> chunks;
    private final Map<String, Stream> streams = new ConcurrentHashMap<>();
    private final AtomicLong maxUnacknowledged = new AtomicLong();

    /** Reasons of the releases that came, in order. */
    public final List<String> releases = new CopyOnWriteArrayList<>();

    /** Credit grants that came, in order. */
    public final List<CreditGrant> grants = new CopyOnWriteArrayList<>();

    /** Plans that were asked for, in order. */
    public final List<PlanRequest> plans = new CopyOnWriteArrayList<>();

    /** Tells its ring from another. */
    public volatile long ringCreatedNs = 17;

    /** Gaps of every plan. */
    public volatile List<Gap> planGaps = List.of();

    /** Gaps that only the stream's end tells. */
    public volatile List<Gap> endGaps = List.of();

    /** After so many chunks of a stream nothing more comes, no end either. */
    public volatile int silentAfter = Integer.MAX_VALUE;

    /** After so many chunks the stream ends with a failure. */
    public volatile int breakOffAfter = Integer.MAX_VALUE;

    /** Whether plans are answered. */
    public volatile boolean answersPlans = true;

    /** Added to the bytes of every plan. */
    public volatile long extraPlannedBytes;

    /** What its heartbeats say of its clock. */
    public volatile @Nullable ClockOffset clock;

    /** Whether it sends without credit. */
    public volatile boolean ignoresCredit;

    /** {@code chunks} gives the chunks of every stream, in order. */
    public ScriptedAgent(Vertx vertx, String node, Supplier<List<Chunk>> chunks) {
        this.vertx = vertx;
        this.node = new NodeId(node);
        this.chunks = chunks;
        vertx.eventBus().<JsonObject>consumer(Addresses.agent(this.node), this::answer);
    }

    /** One heartbeat, waited for. */
    public ScriptedAgent report() {
        NodeStatus status = new NodeStatus(node.name(), "i", "9.8.7", Instant.now(), Instant.now(), List.of(), clock);
        vertx.eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(status)).await();
        return this;
    }

    /** The most bytes that were ever under way without an acknowledgement. */
    public long maxUnacknowledged() {
        return maxUnacknowledged.get();
    }

    private void answer(Message<JsonObject> message) {
        switch (AgentAction.valueOf(message.headers().get(Addresses.ACTION_HEADER))) {
            case PLAN -> plan(message);
            case STREAM -> stream(message);
            case CREDIT -> credit(message);
            case RELEASE -> release(message);
            case STATUS -> message.fail(ErrorCode.INTERNAL.number(), "not asked for in these tests");
        }
    }

    private void plan(Message<JsonObject> message) {
        PlanRequest request = JsonMapping.fromJson(message.body(), PlanRequest.class);
        if (!answersPlans) {
            return;
        }
        plans.add(request);
        List<Chunk> planned = rest(request);
        streams.put(request.snapshotId(), new Stream(planned));
        message.reply(
                JsonMapping.toJson(
                        new ExtentPlan(
                                node.name(),
                                planned.size(),
                                planned.stream().mapToLong(Chunk::lengthBytes).sum() + extraPlannedBytes,
                                planned.stream().mapToLong(chunk -> chunk.header().recordCount()).sum(),
                                0,
                                0,
                                planGaps,
                                Map.of("packets", new PlannedRing(ringCreatedNs, lastSequence(planned))))));
    }

    private List<Chunk> rest(PlanRequest request) {
        HeldChunks held = request.held().get("packets");
        return held == null
                ? chunks.get()
                : chunks.get().stream().filter(chunk -> chunk.header().sequence() > held.sequence()).toList();
    }

    private static long lastSequence(List<Chunk> planned) {
        return planned.isEmpty() ? 0 : planned.getLast().header().sequence();
    }

    private void stream(Message<JsonObject> message) {
        StreamRequest request = JsonMapping.fromJson(message.body(), StreamRequest.class);
        Stream stream = streams.get(request.snapshotId());
        if (stream == null) {
            BusFailures.fail(message, new HindsightException(ErrorCode.WRONG_STATE, "No plan."));
            return;
        }
        message.reply(new JsonObject());
        stream.begin(request);
    }

    private void credit(Message<JsonObject> message) {
        CreditGrant grant = JsonMapping.fromJson(message.body(), CreditGrant.class);
        grants.add(grant);
        Stream stream = streams.get(grant.snapshotId());
        message.reply(new JsonObject());
        if (stream != null) {
            stream.granted(grant.creditBytes());
        }
    }

    private void release(Message<JsonObject> message) {
        ReleaseRequest request = JsonMapping.fromJson(message.body(), ReleaseRequest.class);
        releases.add(request.reason());
        streams.remove(request.snapshotId());
        message.reply(new JsonObject());
    }

    private final class Stream {
        private final Queue<Chunk> waiting;
        private @Nullable StreamRequest request;
        private long credit;
        private long initialCredit;
        private long sentBytes;
        private int sentChunks;
        private boolean ended;

        Stream(List<Chunk> chunks) {
            this.waiting = new ArrayDeque<>(chunks);
        }

        void begin(StreamRequest begun) {
            request = begun;
            credit = begun.creditBytes();
            initialCredit = credit;
            send();
        }

        void granted(long bytes) {
            credit += bytes;
            send();
        }

        private void send() {
            while (!ended && sentChunks < silentAfter) {
                Chunk next = waiting.peek();
                if (next == null || sentChunks >= breakOffAfter) {
                    end(next == null ? null : "the ring was taken away");
                    return;
                }
                boolean nothingUnderWay = credit >= initialCredit;
                if (!ignoresCredit && credit < next.lengthBytes() && !nothingUnderWay) {
                    return;
                }
                waiting.remove();
                credit -= next.lengthBytes();
                maxUnacknowledged.accumulateAndGet(initialCredit - credit, Math::max);
                sentBytes += next.lengthBytes();
                sentChunks++;
                vertx.eventBus().send(address(), next, BY_REFERENCE);
            }
        }

        private String address() {
            return Objects.requireNonNull(request).address();
        }

        private void end(@Nullable String failure) {
            ended = true;
            List<Gap> gaps = new ArrayList<>(planGaps);
            gaps.addAll(endGaps);
            String code = failure == null ? null : ErrorCode.AGENT_FAILED.name();
            StreamEnd end = new StreamEnd(node.name(), sentChunks, sentBytes, gaps, failure, code);
            vertx.eventBus().send(address(), JsonMapping.toJson(end));
        }
    }
}
