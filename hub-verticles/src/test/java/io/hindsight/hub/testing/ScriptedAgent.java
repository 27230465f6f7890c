package io.hindsight.hub.testing;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlanRound;
import io.hindsight.bus.PlannedRing;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkTrimmer;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.json.JsonObject;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An agent that speaks the bus protocol as it is written, and sends the chunks it is given; and that breaks off, falls silent, restarts or
 * ignores its credit where a test wants it. It lives on one context; what tests ask of it is done there.
 */
public final class ScriptedAgent {
    private static final DeliveryOptions BY_REFERENCE =
            new DeliveryOptions().setCodecName(ChunkCodec.NAME).setLocalOnly(true);
    private static final long DOWN_MS = 300;
    private static final long LATE_MS = 20;
    private static final long BEAT_MS = 500;

    private final Vertx vertx;
    private final NodeId node;
    private final Supplier<List<Chunk>> chunks;
    private final Context context;
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, Stream> streams = new HashMap<>();
    private final AtomicLong unreleased = new AtomicLong();
    private volatile @Nullable MessageConsumer<JsonObject> requests;
    private final AtomicLong maxUnacknowledged = new AtomicLong();

    /** Reasons of the releases that came, in order. */
    public final List<String> releases = new CopyOnWriteArrayList<>();

    /** Credit grants that came, in order. */
    public final List<CreditGrant> grants = new CopyOnWriteArrayList<>();

    /** Plans that were asked for, in order. */
    public final List<PlanRequest> plans = new CopyOnWriteArrayList<>();

    /** Streams that were asked for, in order. */
    public final List<StreamRequest> streamRequests = new CopyOnWriteArrayList<>();

    /** What happens to the next streams, one each; then all goes well. */
    public final Queue<Fault> faults = new ConcurrentLinkedQueue<>();

    /** Chunks that its ring has lost, by sequence, as if they had been recycled: it says so in plans made anew and at the end of streams. */
    public final Set<Long> recycled = ConcurrentHashMap.newKeySet();

    /** The same after the plan: pins that were given up. */
    public final Set<Long> givenUp = ConcurrentHashMap.newKeySet();

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

    /** Whether each chunk comes twice, as where the way doubles messages. */
    public volatile boolean doubling;

    /** Whether it says that its own ceiling holds it back; then it sends nothing. */
    public volatile boolean heldBack;

    /** What it reports of its clock. */
    public volatile @Nullable ClockOffset clock;

    /** What it says it records, and that it has a source of packets; null: it has none. */
    public volatile @Nullable NodeCapture capture;

    /** How long it says its ring holds what it records. */
    public volatile @Nullable Long retentionSeconds;

    /** How it takes orders about what to record. */
    public volatile CaptureManner captureManner = CaptureManner.TAKES;

    /** Orders about what to record that came, in order. */
    public final List<CaptureOrder> captureOrders = new CopyOnWriteArrayList<>();

    /** What every plan says was recorded when. */
    public volatile List<CaptureChange> captures = List.of();

    /** How an order about what to record is taken. */
    public enum CaptureManner {
        /** As it should be. */
        TAKES,
        /** It gets lost. */
        LOSES,
        /** With a failure. */
        REFUSES,
        /** It stays with what it has. */
        IGNORES
    }

    /** Shared streams that were asked for, in order. */
    public final List<SharedStreamRequest> sharedRequests = new CopyOnWriteArrayList<>();

    /** Chunks that it sent in shared streams, and in those of one session. */
    public final AtomicLong sharedChunks = new AtomicLong();

    public final AtomicLong singleChunks = new AtomicLong();

    /** Whether it knows of shared streams. */
    public volatile boolean shares = true;

    /** Whether it plans what the window touches alone, and trims to it. */
    public volatile boolean keepsToWindows;

    /** Whether plans are answered. */
    public volatile boolean answersPlans = true;

    /** Added to the bytes of every plan. */
    public volatile long extraPlannedBytes;

    /** Whether it sends without credit. */
    public volatile boolean ignoresCredit;

    /** {@code chunks} gives the chunks of every stream, in order. */
    public ScriptedAgent(Vertx vertx, String node, Supplier<List<Chunk>> chunks) {
        this.vertx = vertx;
        this.node = new NodeId(node);
        this.chunks = chunks;
        this.context = vertx.getOrCreateContext();
        listen();
    }

    private void listen() {
        requests = vertx.eventBus().consumer(Addresses.agent(node));
        requests.handler(message -> context.runOnContext(go -> answer(message)));
    }

    /** One heartbeat, waited for; none while it is not there. */
    public ScriptedAgent report() {
        if (requests != null) {
            beat().await();
        }
        return this;
    }

    /** Reports, and does not wait. */
    Future<?> beat() {
        NodeStatus status =
                new NodeStatus(
                        node.name(),
                        "i",
                        "9.8.7",
                        Instant.now(),
                        Instant.now(),
                        capture == null && retentionSeconds == null ? List.of() : List.of(packets(retentionSeconds)),
                        clock,
                        capture);
        return vertx.eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(status));
    }

    /** A source of packets, as a heartbeat has it. */
    public static SourceStatus packets() {
        return packets(null);
    }

    private static SourceStatus packets(@Nullable Long retentionSeconds) {
        return new SourceStatus(
                "packets",
                "scripted",
                true,
                null,
                0,
                0,
                0,
                0,
                Map.of(),
                null,
                null,
                1L << 20,
                0,
                0,
                retentionSeconds,
                List.of(),
                0,
                null,
                null,
                List.of());
    }

    /** Reports all the time while it is there. */
    public ScriptedAgent beating() {
        vertx.setPeriodic(
                BEAT_MS,
                timer -> {
                    if (requests != null) {
                        beat().onFailure(gone -> {});
                    }
                });
        return this;
    }

    /** Ends without a word; it knows nothing of its sessions when it is back. */
    public void kill() {
        context.runOnContext(go -> die());
    }

    private void die() {
        forget();
        MessageConsumer<JsonObject> before = requests;
        requests = null;
        if (before != null) {
            before.unregister();
        }
    }

    private void forget() {
        streams.values().forEach(stream -> stream.ended = true);
        streams.clear();
        sessions.clear();
    }

    /** Is there again. */
    public void comeBack() {
        context.runOnContext(go -> {
            if (requests == null) {
                listen();
                beat();
            }
        });
    }

    /** Chunks that were handed over and not given back. */
    public long unreleased() {
        return unreleased.get();
    }

    /** Sessions that were planned and not released. */
    public int sessionCount() {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        context.runOnContext(go -> count.complete(sessions.size()));
        return count.join();
    }

    /** The most bytes that were ever under way without an acknowledgement. */
    public long maxUnacknowledged() {
        return maxUnacknowledged.get();
    }

    private void answer(Message<JsonObject> message) {
        switch (AgentAction.valueOf(message.headers().get(Addresses.ACTION_HEADER))) {
            case PLAN -> plan(message);
            case STREAM -> stream(message);
            case SHARE -> share(message);
            case CREDIT -> credit(message);
            case RELEASE -> release(message);
            case CAPTURE -> capture(message);
            case STATUS, WORKLOADS -> message.fail(ErrorCode.INTERNAL.number(), "not asked for in these tests");
        }
    }

    private void capture(Message<JsonObject> message) {
        CaptureOrder order = JsonMapping.fromJson(message.body(), CaptureOrder.class);
        captureOrders.add(order);
        switch (captureManner) {
            case TAKES -> {
                NodeCapture taken = new NodeCapture(order.state().revision(), "as told", 0, null);
                capture = taken;
                message.reply(JsonMapping.toJson(taken));
            }
            case REFUSES ->
                    BusFailures.fail(message, new HindsightException(ErrorCode.IO_FAILED, "The kernel refuses it."));
            case IGNORES -> message.reply(JsonMapping.toJson(new NodeCapture(0, "", 0, null)));
            case LOSES -> {
                // Nobody answers.
            }
        }
    }

    private void plan(Message<JsonObject> message) {
        PlanRequest request = JsonMapping.fromJson(message.body(), PlanRequest.class);
        if (!answersPlans) {
            return;
        }
        plans.add(request);
        Session session = sessions.get(request.snapshotId());
        if (session == null || session.isOfAnotherRound(request)) {
            session = new Session(request);
            sessions.put(request.snapshotId(), session);
        }
        message.reply(JsonMapping.toJson(session.extent));
    }

    /** What was planned once; asked again in the same round the answer is the same, whatever is held. */
    private final class Session {
        private final @Nullable PlanRound round;
        private final TimeWindow window;
        private final List<Chunk> planned;
        private final ExtentPlan extent;

        Session(PlanRequest request) {
            this.round = request.round();
            this.window = new TimeWindow(request.fromNs(), request.toNs());
            HeldChunks held = request.held().get("packets");
            boolean isAnother = held != null && held.ringCreatedNs() != ringCreatedNs;
            long after = held == null ? 0 : held.sequence();
            List<Chunk> rest = isAnother ? List.of() : after(after, touched(request));
            this.planned = rest.stream().filter(chunk -> !recycled.contains(chunk.header().sequence())).toList();
            List<Gap> gaps = new ArrayList<>(planGaps);
            gaps.addAll(lostOf(rest.stream().filter(chunk -> !planned.contains(chunk)).toList()));
            this.extent =
                    new ExtentPlan(
                            node.name(),
                            planned.size(),
                            planned.stream().mapToLong(Chunk::lengthBytes).sum() + extraPlannedBytes,
                            planned.stream().mapToLong(chunk -> chunk.header().recordCount()).sum(),
                            0,
                            0,
                            gaps,
                            Map.of("packets", ring(planned)),
                            captures);
        }

        boolean isOfAnotherRound(PlanRequest request) {
            return round != null && request.round() != null && round.number() != request.round().number();
        }
    }

    private List<Chunk> touched(PlanRequest request) {
        return keepsToWindows
                ? chunks.get().stream()
                        .filter(chunk -> chunk.header().firstTimestampNs() < request.toNs())
                        .filter(chunk -> chunk.header().lastTimestampNs() >= request.fromNs())
                        .toList()
                : chunks.get();
    }

    /** As a session of one window gets it; empty where no record lies in it. */
    private Optional<Chunk> trimmed(Chunk chunk, TimeWindow window) {
        ChunkHeader header = chunk.header();
        if (!keepsToWindows || window.containsAll(header.firstTimestampNs(), header.lastTimestampNs())) {
            return Optional.of(chunk);
        }
        MemorySegment memory = MemorySegment.ofBuffer(chunk.parts()[0]);
        return new ChunkTrimmer(ChunkHeaderCodec.ofChunk(memory, 0, node), window)
                .trim(memory, ChunkVerifier.bodyOffset(memory, 0), header.lengthBytes(), header);
    }

    private static List<Chunk> after(long sequence, List<Chunk> chunks) {
        return chunks.stream().filter(chunk -> chunk.header().sequence() > sequence).toList();
    }

    private boolean isLost(ChunkHeader chunk) {
        return recycled.contains(chunk.sequence()) || givenUp.contains(chunk.sequence());
    }

    private List<Gap> lostOf(List<Chunk> promised) {
        return promised.stream()
                .map(Chunk::header)
                .filter(this::isLost)
                .map(header ->
                        new Gap(
                                EpochNanos.toInstant(header.firstTimestampNs()),
                                EpochNanos.toInstant(header.lastTimestampNs() + 1),
                                Gap.Cause.RECYCLED,
                                "The chunk sequence=" + header.sequence() + " was recycled.",
                                (long) header.recordCount()))
                .toList();
    }

    private PlannedRing ring(List<Chunk> planned) {
        if (planned.isEmpty()) {
            return new PlannedRing(ringCreatedNs, 0, 0, 0);
        }
        ChunkHeader first = planned.getFirst().header();
        long last = planned.getLast().header().sequence();
        return new PlannedRing(ringCreatedNs, first.sequence(), first.firstTimestampNs(), last);
    }

    private void stream(Message<JsonObject> message) {
        StreamRequest request = JsonMapping.fromJson(message.body(), StreamRequest.class);
        streamRequests.add(request);
        Fault fault = faults.poll();
        if (fault != null && fault.kind() == Fault.Kind.FORGETS) {
            forget();
        }
        Session session = sessions.get(request.snapshotId());
        if (session == null) {
            BusFailures.fail(message, new HindsightException(ErrorCode.WRONG_STATE, "No plan."));
            return;
        }
        message.reply(new JsonObject());
        Stream stream = new Stream(request, session, fault);
        Stream before = streams.put(request.snapshotId(), stream);
        if (before != null) {
            before.ended = true;
        }
        streams.values().forEach(other -> other.members.remove(request.snapshotId()));
        stream.send();
    }

    private void share(Message<JsonObject> message) {
        SharedStreamRequest request = JsonMapping.fromJson(message.body(), SharedStreamRequest.class);
        sharedRequests.add(request);
        if (!shares || !sessions.keySet().containsAll(request.members().keySet())) {
            ErrorCode code = shares ? ErrorCode.WRONG_STATE : ErrorCode.INVALID_REQUEST;
            BusFailures.fail(message, new HindsightException(code, "It cannot be shared."));
            return;
        }
        message.reply(new JsonObject());
        Stream stream = new Stream(request, faults.poll());
        streams.put(request.streamId(), stream);
        stream.send();
    }

    private void credit(Message<JsonObject> message) {
        CreditGrant grant = JsonMapping.fromJson(message.body(), CreditGrant.class);
        grants.add(grant);
        Stream stream = streams.get(grant.snapshotId());
        if (stream == null && !sessions.containsKey(grant.snapshotId())) {
            BusFailures.fail(message, new HindsightException(ErrorCode.WRONG_STATE, "No session."));
            return;
        }
        message.reply(JsonMapping.toJson(new CreditAnswer(heldBack)));
        if (stream == null) {
            return; // what is durable of a member of a shared stream
        }
        stream.granted(grant.creditBytes());
    }

    private void release(Message<JsonObject> message) {
        ReleaseRequest request = JsonMapping.fromJson(message.body(), ReleaseRequest.class);
        releases.add(request.reason());
        sessions.remove(request.snapshotId());
        streams.values().forEach(shared -> shared.members.remove(request.snapshotId()));
        Stream stream = streams.remove(request.snapshotId());
        if (stream != null) {
            stream.ended = true;
        }
        message.reply(new JsonObject());
    }

    private final class Stream {
        private final String address;
        private final long creditBytes;
        private final Queue<Chunk> waiting;
        private final @Nullable Session session;

        /** Of a shared stream, those that have not been told their end. */
        private final Map<String, Session> members = new LinkedHashMap<>();

        private final @Nullable Fault fault;
        private final MessageProducer<Object> way;
        private long credit;
        private long sentBytes;
        private int sentChunks;
        private boolean ended;
        private boolean endTold;

        Stream(StreamRequest request, Session session, @Nullable Fault fault) {
            this.address = request.address();
            this.creditBytes = request.creditBytes();
            this.session = session;
            this.waiting = new ArrayDeque<>(after(request.after().getOrDefault("packets", 0L), session.planned));
            this.waiting.removeIf(chunk -> isLost(chunk.header()));
            this.fault = fault;
            this.credit = request.creditBytes();
            this.way = vertx.eventBus().sender(request.address(), BY_REFERENCE);
        }

        Stream(SharedStreamRequest request, @Nullable Fault fault) {
            this.address = request.address();
            this.creditBytes = request.creditBytes();
            this.session = null;
            this.fault = fault;
            Map<Long, Chunk> wanted = new TreeMap<>();
            request.members()
                    .forEach((id, after) -> {
                        Session member = Objects.requireNonNull(sessions.get(id));
                        members.put(id, member);
                        after(after.getOrDefault("packets", 0L), member.planned)
                                .forEach(chunk -> wanted.putIfAbsent(chunk.header().sequence(), chunk));
                    });
            this.waiting = new ArrayDeque<>(wanted.values());
            this.waiting.removeIf(chunk -> isLost(chunk.header()));
            this.credit = request.creditBytes();
            this.way = vertx.eventBus().sender(request.address(), BY_REFERENCE);
        }

        /** To each behind the last chunk of its plan. */
        private void endMembers() {
            Chunk next = waiting.peek();
            long sequence = next == null ? Long.MAX_VALUE : next.header().sequence();
            for (Map.Entry<String, Session> member : List.copyOf(members.entrySet())) {
                List<Chunk> planned = member.getValue().planned;
                if (planned.isEmpty() || planned.getLast().header().sequence() < sequence) {
                    members.remove(member.getKey());
                    tellEnd(member.getKey(), member.getValue(), sentChunks, sentBytes, null, ErrorCode.INTERNAL);
                }
            }
            ended = ended || next == null;
        }

        void granted(long bytes) {
            credit += bytes;
            send();
        }

        private void send() {
            while (!ended && sentChunks < silentAfter && !(heldBack && sentChunks > 0)) {
                if (fault != null && sentChunks == fault.afterChunks() && happens(fault.kind())) {
                    return;
                }
                if (session == null) {
                    endMembers();
                }
                Chunk next = waiting.peek();
                if (session == null && (ended || next == null)) {
                    return;
                }
                if (next == null || sentChunks >= breakOffAfter) {
                    end(next == null ? null : "the ring was taken away", ErrorCode.AGENT_FAILED);
                    return;
                }
                boolean nothingUnderWay = credit >= creditBytes;
                if (!ignoresCredit && credit < next.lengthBytes() && !nothingUnderWay) {
                    return;
                }
                waiting.remove();
                if (session == null) {
                    sharedChunks.incrementAndGet();
                    send(next);
                } else {
                    trimmed(next, session.window).ifPresent(this::send);
                }
            }
        }

        private void send(Chunk next) {
            credit -= next.lengthBytes();
            maxUnacknowledged.accumulateAndGet(creditBytes - credit, Math::max);
            sentBytes += next.lengthBytes();
            sentChunks++;
            singleChunks.addAndGet(session == null ? 0 : 1);
            hand(next);
            if (doubling) {
                hand(next);
            }
        }

        private void hand(Chunk next) {
            unreleased.incrementAndGet();
            Chunk counted =
                    new Chunk(
                            next.header(),
                            List.of(next.parts()),
                            () -> {
                                next.release();
                                unreleased.decrementAndGet();
                            });
            way.write(counted).onFailure(nobodyTookIt -> counted.release());
        }

        /** Whether nothing more is to be sent now. */
        private boolean happens(Fault.Kind kind) {
            ended = true;
            switch (kind) {
                case LANE_BREAKS -> breakLane();
                case FALLS_SILENT, FORGETS -> {}
                case RESTARTS -> restart();
                case STOPS -> {
                    tellEnd(sentChunks, sentBytes, "The agent is stopping.", ErrorCode.NOT_READY);
                    restart();
                }
                case LEASE_ENDS -> {
                    tellEnd(sentChunks, sentBytes, "The Hub was silent.", ErrorCode.TIMED_OUT);
                    forget();
                }
                case VANISHES -> die();
                case TELLS_END_EARLY -> {
                    tellWhole(waiting.size());
                    endTold = true;
                    vertx.setTimer(
                            LATE_MS,
                            later -> {
                                ended = false;
                                sendLate();
                            });
                }
                case CLOSES_LANE_EARLY -> {
                    while (!waiting.isEmpty()) {
                        send(waiting.remove());
                    }
                    breakLane();
                    vertx.setTimer(LATE_MS, later -> tellWhole(0));
                }
                case TELLS_TOO_LITTLE -> tellEnd(sentChunks - 1, sentBytes - 1_000, null, ErrorCode.INTERNAL);
                case LOSES_A_CHUNK -> {
                    tellEnd(sentChunks + 1, sentBytes + 1_000, null, ErrorCode.INTERNAL);
                    breakLane();
                }
            }
            return true;
        }

        /** Without regard to credit: one chunk after the other is never much. */
        private void sendLate() {
            if (!ended && !waiting.isEmpty()) {
                send(waiting.remove());
                vertx.setTimer(LATE_MS, later -> sendLate());
            }
        }

        private void tellWhole(int moreChunks) {
            long moreBytes = waiting.stream().mapToLong(Chunk::lengthBytes).sum();
            tellEnd(sentChunks + moreChunks, sentBytes + moreBytes, null, ErrorCode.INTERNAL);
        }

        private void restart() {
            die();
            vertx.setTimer(DOWN_MS, later -> comeBack());
        }

        private void breakLane() {
            DeliveryOptions broken =
                    new DeliveryOptions()
                            .addHeader(Addresses.LANE_BROKEN_HEADER, ErrorCode.AGENT_UNREACHABLE.name())
                            .setLocalOnly(true);
            vertx.eventBus().send(address, new JsonObject().put("message", "Connection reset."), broken);
        }

        private void end(@Nullable String failure, ErrorCode code) {
            ended = true;
            if (!endTold) {
                tellEnd(sentChunks, sentBytes, failure, code);
            }
        }

        private void tellEnd(int chunkCount, long bytes, @Nullable String failure, ErrorCode code) {
            tellEnd(null, session, chunkCount, bytes, failure, code);
        }

        private void tellEnd(
                @Nullable String member,
                @Nullable Session of,
                int chunkCount,
                long bytes,
                @Nullable String failure,
                ErrorCode code) {
            List<Gap> gaps = new ArrayList<>(of == null ? List.of() : of.extent.gaps());
            gaps.addAll(endGaps);
            gaps.addAll(lostOf(of == null ? List.of() : of.planned));
            String codeName = failure == null ? null : code.name();
            StreamEnd end = new StreamEnd(node.name(), chunkCount, bytes, gaps, failure, codeName, member);
            vertx.eventBus().send(address, JsonMapping.toJson(end));
        }
    }
}
