package io.hindsight.agent.extract;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.Transfer;
import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's side of snapshots: one {@link ExtractSession} for each that runs, and {@link SharedStreams} of several. A session ends by release, or when its
 * lease runs out.
 *
 * <p>Event-loop-confined: every method and field belongs to the agent verticle's context; what blocks runs on the workers given.
 */
public final class ExtractService {
    private static final Logger LOG = LoggerFactory.getLogger(ExtractService.class);

    /** Two whole batches, and others beside them. What they take together is bounded by {@link #MAX_PLANNED_CHUNKS}. */
    private static final int MAX_SESSIONS = 2 * SharedStreamRequest.MAX_MEMBERS + 128;

    /** Of all sessions together, each of which keeps a reference and two bits for each: 20 MB. */
    private static final int MAX_PLANNED_CHUNKS = 4_000_000;

    static final long MIN_LEASE_MS = 1_000;
    private static final long MAX_LEASE_MS = 3_600_000;

    /** A Hub's clock may be ahead of this node's: a window that ends this little later is waited for. */
    private static final long MAX_WAIT_FOR_WINDOW_MS = 2_000;

    private final Vertx vertx;
    private final NodeId node;
    private final Supplier<List<ExtractSource>> sources;
    private final Function<TimeWindow, List<CaptureChange>> captures;
    private final WorkerExecutor workers;
    private final RateLimit rate;
    private final TransferCounters transfers = new TransferCounters();
    private final SharedStreams shared;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final ExtractPlanner planner;
    private final Map<String, Entry> sessions = new HashMap<>();

    /** A session, or one that is being planned, and its lease. */
    private static final class Entry {
        final Future<ExtractSession> session;
        final long leaseNs;
        final int round;
        long deadlineNs;

        Entry(Future<ExtractSession> session, PlanRequest request, long nowNs) {
            this.session = session;
            this.leaseNs = TimeUnit.MILLISECONDS.toNanos(request.leaseMs());
            this.round = request.round() == null ? 0 : request.round().number();
            renew(nowNs);
        }

        boolean answers(PlanRequest request) {
            return request.round() == null || request.round().number() == round;
        }

        void renew(long nowNs) {
            deadlineNs = nowNs + leaseNs;
        }

        boolean isOver(long nowNs) {
            return deadlineNs - nowNs <= 0;
        }
    }

    /**
     * @param sources in the order of {@link io.hindsight.chunk.ChunkSource}; asked for each session, which keeps them: a ring may be
     *     replaced by another
     * @param captures what was recorded when: the change before a window and those within it
     * @param workers may block: they touch pages, compute checksums, wait for capture
     * @param rate of all sessions together
     * @param nanoClock {@link System#nanoTime()}, for leases
     */
    public ExtractService(
            Vertx vertx,
            NodeId node,
            Supplier<List<ExtractSource>> sources,
            Function<TimeWindow, List<CaptureChange>> captures,
            WorkerExecutor workers,
            RateLimit rate,
            Clock clock,
            LongSupplier nanoClock) {
        this.vertx = vertx;
        this.node = node;
        this.sources = sources;
        this.captures = captures;
        this.workers = workers;
        this.rate = rate;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.planner = new ExtractPlanner(clock);
        this.shared = new SharedStreams(nanoClock);
    }

    /**
     * Finds and pins a window. The same session again: its lease starts anew, and the answer is the same; in another round it is planned anew, behind what the Hub
     * holds by then.
     */
    public Future<ExtentPlan> plan(PlanRequest request) {
        Entry known = sessions.get(request.snapshotId());
        if (known != null && known.answers(request)) {
            renew(known);
            return known.session.map(ExtractSession::extent);
        }
        if (request.leaseMs() < MIN_LEASE_MS || request.leaseMs() > MAX_LEASE_MS) {
            return Future.failedFuture(
                    HindsightException.ofField(
                            ErrorCode.INVALID_REQUEST,
                            "leaseMs",
                            "A lease is "
                                    + MIN_LEASE_MS
                                    + " to "
                                    + MAX_LEASE_MS
                                    + " ms, got "
                                    + request.leaseMs()
                                    + "."));
        }
        if (known == null && sessions.size() >= MAX_SESSIONS) {
            return Future.failedFuture(tooMany("sessions=" + MAX_SESSIONS));
        }
        return planAnew(request, new TimeWindow(request.fromNs(), request.toNs()), known);
    }

    private static HindsightException tooMany(String what) {
        return new HindsightException(
                ErrorCode.TOO_MANY_REQUESTS, "The agent serves " + what + " already, which is its limit.");
    }

    private Future<ExtentPlan> planAnew(PlanRequest request, TimeWindow window, @Nullable Entry before) {
        String id = request.snapshotId();
        Duration lease = Duration.ofMillis(request.leaseMs());
        Promise<ExtractSession> planned = Promise.promise();
        ExtractSession.Pumps pumps = pumps();
        List<ExtractSource> now = sources.get().stream().filter(source -> request.wants(source.label())).toList();
        Entry entry = new Entry(planned.future(), request, nanoClock.getAsLong());
        sessions.put(id, entry);
        madeWay(before, now)
                .compose(ready -> isSoFar(request) ? Future.succeededFuture() : afterWindow(window))
                .compose(ended ->
                        workers.executeBlocking(
                                () -> planner.plan(now, id, window, lease, request.held(), request.round()), false))
                .map(plan -> new ExtractSession(id, node, checked(plan), captures.apply(window), pumps))
                .onComplete(planned);
        planned.future()
                .onSuccess(session -> {
                    if (!sessions.containsKey(id)) {
                        session.release();
                    }
                })
                .onFailure(cause -> {
                    if (sessions.remove(id, entry)) {
                        now.forEach(source -> source.ring().release(id));
                    }
                });
        return planned.future().map(ExtractSession::extent);
    }

    /** Never fails. */
    private static Future<Void> madeWay(@Nullable Entry before, List<ExtractSource> next) {
        return before == null
                ? Future.succeededFuture()
                : before.session.transform(session -> {
                    if (session.succeeded()) {
                        session.result().makeWay(next);
                    }
                    return Future.succeededFuture();
                });
    }

    private static boolean isSoFar(PlanRequest request) {
        return request.round() != null && !request.round().last();
    }

    private ExtractPlan checked(ExtractPlan plan) {
        long others =
                sessions.values().stream()
                        .filter(entry -> entry.session.succeeded())
                        .mapToLong(entry -> entry.session.result().plan().chunkCount())
                        .sum();
        if (others + plan.chunkCount() > MAX_PLANNED_CHUNKS) {
            throw tooMany("planned chunks=" + others + " of at most " + MAX_PLANNED_CHUNKS);
        }
        return plan;
    }

    private ExtractSession.Pumps pumps() {
        Context loop = vertx.getOrCreateContext();
        return feed -> new ChunkPump(feed, workers, loop, rate, transfers);
    }

    private Future<Void> afterWindow(TimeWindow window) {
        long waitMs = TimeUnit.NANOSECONDS.toMillis(window.toNs() - EpochNanos.of(clock.instant())) + 1;
        return waitMs <= 1 || waitMs > MAX_WAIT_FOR_WINDOW_MS
                ? Future.succeededFuture()
                : vertx.timer(waitMs, TimeUnit.MILLISECONDS).mapEmpty();
    }

    /** Starts, or resumes, sending over the channel. A copy of an order that was carried out closes its channel, and changes nothing. */
    public Future<Void> stream(StreamRequest request, ChunkChannel channel) {
        return session(request.snapshotId())
                .map(session -> {
                    if (session.isFirstOrder(request.address())) {
                        shared.withdraw(request.snapshotId());
                        session.stream(request, channel);
                    } else {
                        channel.close();
                    }
                    return null;
                });
    }

    /**
     * Starts, or resumes, sending what several sessions have planned over one channel; a stream of this name that is there is replaced. A member that has no
     * session is told of in an end of its own. A copy of an order is taken as by {@link #stream}.
     */
    public Future<Void> share(SharedStreamRequest request, ChunkChannel channel) {
        int count = request.members().size();
        if (count == 0 || count > SharedStreamRequest.MAX_MEMBERS || sessions.containsKey(request.streamId())) {
            return Future.failedFuture(
                    HindsightException.ofField(
                            ErrorCode.INVALID_REQUEST,
                            "members",
                            "A shared stream has 1 to "
                                    + SharedStreamRequest.MAX_MEMBERS
                                    + " members and an id that is no session's, got members="
                                    + count
                                    + " streamId="
                                    + request.streamId()
                                    + "."));
        }
        List<Future<ExtractSession>> planned = new ArrayList<>();
        request.members().keySet().forEach(id -> planned.add(session(id)));
        ExtractSession.Pumps pumps = pumps();
        return Future.join(planned)
                .transform(done -> {
                    share(request, channel, pumps);
                    return Future.succeededFuture();
                });
    }

    private void share(SharedStreamRequest request, ChunkChannel channel, ExtractSession.Pumps pumps) {
        Map<String, ExtractSession> members = new LinkedHashMap<>();
        for (String id : request.members().keySet()) {
            Entry entry = sessions.get(id);
            if (entry != null && entry.session.succeeded()) {
                members.put(id, entry.session.result());
            }
        }
        if (members.isEmpty()) {
            throw unknown(String.join(",", request.members().keySet()));
        }
        // Each member is to know the order, so all are asked.
        boolean isFirst = false;
        for (ExtractSession member : members.values()) {
            isFirst |= member.isFirstOrder(request.address());
        }
        if (!isFirst) {
            channel.close();
            return;
        }
        SharedExtract stream = new SharedExtract(request, node, members.values(), pumps);
        request.members().keySet().stream()
                .filter(id -> !members.containsKey(id))
                .forEach(id -> stream.failUnknown(id, unknown(id)));
        shared.add(request.streamId(), stream);
        stream.start(request, channel);
        LOG.info("stream={} begins for snapshots={}.", request.streamId(), members.size());
    }

    /** More may be sent; what is durable is unpinned. */
    public Future<CreditAnswer> credit(CreditGrant grant) {
        SharedExtract stream = shared.stream(grant.snapshotId());
        if (stream != null) {
            renewMembers(grant.snapshotId(), stream);
            stream.credit(grant.creditBytes());
            return Future.succeededFuture(new CreditAnswer(stream.isHeldBack()));
        }
        return session(grant.snapshotId())
                .map(session -> {
                    session.credit(grant);
                    SharedExtract of = shared.ofMember(grant.snapshotId());
                    return new CreditAnswer(session.isHeldBack() || (of != null && of.isHeldBack()));
                });
    }

    private void renewMembers(String id, SharedExtract stream) {
        if (shared.isRenewalDue(id)) {
            stream.sessions()
                    .forEach(session -> {
                        Entry entry = sessions.get(session.id());
                        if (entry != null) {
                            renew(entry);
                        }
                    });
        }
    }

    /** Ends a session, or a shared stream, whose members keep their pins. Idempotent. */
    public Future<Void> release(ReleaseRequest request) {
        String id = request.snapshotId();
        if (shared.remove(id)) {
            LOG.info("stream={} released: {}", id, request.reason());
        }
        Entry entry = sessions.remove(id);
        if (entry != null) {
            LOG.info("snapshot={} released: {}", id, request.reason());
            if (!shared.release(id)) {
                entry.session.onSuccess(ExtractSession::release);
            }
        }
        return Future.succeededFuture();
    }

    /** What was read and sent since the start, by source label. */
    public Map<String, Transfer> transfers() {
        return transfers.now();
    }

    /** Its lease starts anew, and that of those with which it shares a stream. */
    private Future<ExtractSession> session(String id) {
        Entry entry = sessions.get(id);
        if (entry == null) {
            return Future.failedFuture(unknown(id));
        }
        renew(entry);
        String streamId = shared.idOfMember(id);
        SharedExtract stream = streamId == null ? null : shared.stream(streamId);
        if (streamId != null && stream != null) {
            renewMembers(streamId, stream);
        }
        return entry.session;
    }

    private static HindsightException unknown(String id) {
        return new HindsightException(
                ErrorCode.WRONG_STATE,
                "The agent has no session snapshot="
                        + id
                        + ": it was never planned, was released, or its lease has ended.");
    }

    private void renew(Entry entry) {
        entry.renew(nanoClock.getAsLong());
        entry.session.onSuccess(ExtractSession::renew);
    }

    /** Ends sessions whose lease is over: once a second. */
    public void expire() {
        for (Iterator<Map.Entry<String, Entry>> all = sessions.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Entry> next = all.next();
            Entry entry = next.getValue();
            if (entry.isOver(nanoClock.getAsLong()) && entry.session.succeeded()) {
                all.remove();
                LOG.warn("snapshot={} the lease has ended; its pins are given up.", next.getKey());
                end(
                        entry.session.result(),
                        ErrorCode.TIMED_OUT,
                        "The Hub was silent for the lease of the session, so its pins were given up.");
            }
        }
    }

    private void end(ExtractSession session, ErrorCode code, String reason) {
        session.fail(code, reason);
        shared.fail(session.id(), code, reason);
        session.release();
    }

    /** Ends every session. */
    public void close() {
        for (Entry entry : sessions.values()) {
            entry.session.onSuccess(session -> end(session, ErrorCode.NOT_READY, "The agent is stopping."));
        }
        sessions.clear();
    }
}
