package io.hindsight.hub.snapshot;

import static java.util.stream.Collectors.toSet;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.RetentionQuery;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.LockRequest;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.scrub.Scrubber;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.store.SessionJournal;
import io.hindsight.hub.store.SessionJournal.Entry;
import io.hindsight.hub.store.SnapshotStore;
import io.hindsight.hub.store.SpaceBudget;
import io.hindsight.hub.store.StoreWorkers;
import io.hindsight.hub.store.VerificationRecords;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@link Addresses#SNAPSHOTS}: makes, lists, cancels, deletes and verifies snapshots.
 *
 * <p>A creation is answered once chunks are on their way, or after two seconds, whichever is first; so a request that is refused while
 * it is planned (no room, nothing in the window, no agent) is the failure of the call itself. The refusal stays listed as FAILED, and its
 * idempotency key may be used again.
 *
 * <p>One context: that on which {@link #start()} was called. Journal and store are used on workers.
 */
public final class SnapshotService {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotService.class);

    /** Verifications at once: each keeps two processors and the disk busy. */
    private static final int MAX_VERIFICATIONS = 2;

    /** What is answered while the Hub stops: it changes nothing, and needs no line in the custody log. */
    private static final Set<SnapshotAction> READS =
            EnumSet.of(
                    SnapshotAction.LIST,
                    SnapshotAction.GET,
                    SnapshotAction.GET_BATCH,
                    SnapshotAction.MANIFEST,
                    SnapshotAction.SCRUB_STATUS,
                    SnapshotAction.RETENTION,
                    SnapshotAction.VOLUME);

    private final HubResources hub;
    private final SessionJournal journal;
    private final SnapshotCatalogue catalogue = new SnapshotCatalogue();
    private final SnapshotIds ids;
    private final Scrubber scrubber;
    private final VerificationRecords records;
    private final SnapshotLocks locks;
    private final Deletions deletions;
    private final Retention retention;
    private final VolumeWatch volume;
    private final Batches batches;
    private final Set<Future<?>> beginning = new HashSet<>();
    private Future<?> lastJournalStep = Future.succeededFuture();
    private int verifications;
    private boolean stopping;

    /** Nothing happens before {@link #start()}. */
    public SnapshotService(
            Vertx vertx,
            SnapshotStore store,
            StoreWorkers workers,
            CustodyLog custody,
            NodeRegistry nodes,
            LaneTokens lanes,
            HubConfig config,
            SessionTimeouts timeouts,
            InstantSource clock,
            LongSupplier nanoClock,
            List<Deriver> derivers,
            String program) {
        this(
                vertx,
                store,
                workers,
                custody,
                nodes,
                lanes,
                config,
                timeouts,
                clock,
                nanoClock,
                derivers,
                program,
                new SecureRandom());
    }

    /** The same; {@code random} makes the ids, which nobody should be able to guess. */
    public SnapshotService(
            Vertx vertx,
            SnapshotStore store,
            StoreWorkers workers,
            CustodyLog custody,
            NodeRegistry nodes,
            LaneTokens lanes,
            HubConfig config,
            SessionTimeouts timeouts,
            InstantSource clock,
            LongSupplier nanoClock,
            List<Deriver> derivers,
            String program,
            RandomGenerator random) {
        SpaceBudget budget =
                new SpaceBudget(store::usableBytes, config.reserveFree().bytes(), config.volume().quota().bytes());
        this.hub =
                new HubResources(
                        vertx, store, workers, budget, custody, nodes, lanes, config, timeouts, clock, nanoClock,
                        derivers, program);
        this.ids = new SnapshotIds(random);
        this.journal = new SessionJournal(config.snapshotDirectory());
        this.records = new VerificationRecords(config.snapshotDirectory());
        this.scrubber =
                new Scrubber(vertx, new ScrubbedCatalogue(hub, catalogue, records, this::onJournal), config, clock);
        this.locks = new SnapshotLocks(hub, catalogue);
        this.deletions = new Deletions(hub, catalogue, locks, scrubber, this::gone);
        this.retention = new Retention(hub, catalogue, deletions);
        this.volume = new VolumeWatch(hub);
        this.batches = new Batches(hub, catalogue, ids, new BatchHost());
    }

    /** Takes stock of the volume, tidies up what a sudden end left behind, listens, and goes on with what was interrupted. */
    public Future<Void> start() {
        return hub.onWriter(this::takeStock)
                .map(stock -> {
                    catalogue.trim().forEach(this::forget);
                    scrubber.start(stock.verifications());
                    hub.vertx().eventBus().<JsonObject>consumer(Addresses.SNAPSHOTS, this::answer);
                    goOn(stock.interrupted());
                    volume.changed();
                    retention.start();
                    return null;
                });
    }

    /** On a worker, before anybody else knows of the catalogue. */
    private Stock takeStock() {
        hub.store().list().forEach(catalogue::load);
        locks.load();
        batches.load();
        catalogue.all().map(Snapshot::id).forEach(this::takeSize);
        List<Entry> entries = journal.entries();
        List<Entry> goingOn = entries.stream().filter(this::goesOn).toList();
        List<String> removed =
                hub.store().removeUnfinished(goingOn.stream().map(entry -> entry.snapshot().id()).collect(toSet()));
        LOG.info(
                "Snapshot volume: snapshots={} leftovers removed={} remembered={} going on={} free bytes={}",
                catalogue.all().count(),
                removed.size(),
                entries.size(),
                goingOn.size(),
                hub.store().usableBytes());
        return new Stock(goingOn, records.load(catalogue::isOnVolume));
    }

    private void takeSize(String id) {
        try {
            hub.budget().keep(id, hub.store().sizeBytes(id));
        } catch (HindsightException unreadable) {
            LOG.warn("snapshot={} does not count for quota and retention: {}", id, unreadable.getMessage());
        }
    }

    /**
     * What the volume remembers beside the snapshots.
     *
     * @param interrupted sessions that go on
     * @param verifications of the snapshots that are there
     */
    private record Stock(List<Entry> interrupted, Map<String, Verification> verifications) {}

    private boolean goesOn(Entry entry) {
        String id = entry.snapshot().id();
        if (catalogue.isOnVolume(id)) {
            // The end came between the seal and this, or the custody log did not take the line.
            recordSeal(entry.snapshot());
            journal.remove(id);
            return false;
        }
        if (entry.snapshot().state().ended()) {
            catalogue.load(entry);
            return false;
        }
        Optional<String> why = RecoveryRule.reasonToClose(entry, hub.clock().instant());
        why.map(reason -> SnapshotCatalogue.closed(entry, reason))
                .ifPresent(closed -> {
                    LOG.warn("snapshot={} is closed: {}", id, why.get());
                    journal.put(closed);
                    catalogue.load(closed);
                    recordFailure(closed.snapshot());
                });
        return why.isEmpty();
    }

    /** On a worker. Where the log has the line already, it has it twice: the second says so. */
    private void recordSeal(Snapshot before) {
        try {
            Map<String, String> details =
                    new HashMap<>(
                            Sealing.record(
                                    hub.store().open(before.id()).manifest(), hub.store().sizeBytes(before.id())));
            details.put("note", "The Hub ended when it had sealed it; this was written by the next.");
            hub.custody()
                    .note(new Requester(before.createdBy(), null).done(CustodyAction.SEAL, before, details))
                    .onComplete(noted -> LOG.info("snapshot={} was sealed before the Hub ended.", before.id()));
        } catch (HindsightException unreadable) {
            LOG.warn("snapshot={} was sealed and cannot be read: {}", before.id(), unreadable.getMessage());
        }
    }

    private void recordFailure(Snapshot ended) {
        Snapshot.Problem problem = ended.error();
        HindsightException why =
                new HindsightException(
                        problem == null ? ErrorCode.INTERNAL : ErrorCode.valueOf(problem.code()),
                        problem == null ? "No reason is known." : problem.detail());
        hub.custody()
                .note(new Requester(ended.createdBy(), null).failed(CustodyAction.SEAL, ended, why))
                .onComplete(noted -> LOG.debug("snapshot={} is recorded as failed.", ended.id()));
    }

    private void goOn(List<Entry> interrupted) {
        interrupted.stream()
                .filter(entry -> entry.snapshot().batch() == null)
                .forEach(entry -> goOn(add(RecoveryRule.order(entry), node -> null, entry), entry));
        batches.goOn(interrupted.stream().filter(entry -> entry.snapshot().batch() != null).toList());
    }

    private SnapshotSession add(
            SnapshotOrder order, Function<NodeId, @Nullable SharedFeed> feeds, @Nullable Entry interrupted) {
        SnapshotSession session =
                new SnapshotSession(hub, order, feeds, interrupted, this::remember, this::sessionEnded);
        catalogue.add(session);
        return session;
    }

    /** Counts the attempt before it begins: a session that ends the Hub each time is given up. */
    private void goOn(SnapshotSession session, Entry entry) {
        LOG.info("snapshot={} goes on, attempt {}", entry.snapshot().id(), session.attempt());
        Entry counted =
                new Entry(entry.snapshot(), entry.request(), entry.idempotencyKey(), session.attempt(), entry.plans());
        remember(counted).onComplete(remembered -> session.start());
    }

    /** Leaves every running session to the next Hub; completes when all files are closed. */
    public Future<Void> stop() {
        stopping = true;
        batches.stop();
        List<Future<Void>> closing = catalogue.sessions().stream().map(SnapshotSession::suspend).toList();
        return Future.join(List.copyOf(beginning))
                .eventually(() -> Future.join(closing))
                .eventually(scrubber::stop)
                .compose(ended -> lastJournalStep)
                .mapEmpty();
    }

    private void answer(Message<JsonObject> message) {
        Future<JsonObject> answer;
        try {
            answer = perform(message);
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onSuccess(message::reply).onFailure(failure -> refuse(message, failure));
    }

    private static void refuse(Message<JsonObject> message, Throwable failure) {
        if (BusFailures.asHindsight(failure).code() == ErrorCode.INTERNAL) {
            LOG.error("A request about snapshots failed.", failure);
        }
        BusFailures.fail(message, failure);
    }

    private Future<JsonObject> perform(Message<JsonObject> message) {
        JsonObject body = Objects.requireNonNullElseGet(message.body(), JsonObject::new);
        SnapshotAction action = action(message);
        if (stopping && !READS.contains(action)) {
            throw new HindsightException(
                    ErrorCode.NOT_READY, "The Hub is stopping, and begins nothing more: ask again when it is back.");
        }
        return switch (action) {
            case CREATE -> create(message, body).map(JsonMapping::toJson);
            case LIST ->
                    Future.succeededFuture(
                            JsonMapping.toJson(
                                    SnapshotListing.page(
                                            catalogue.all().map(this::shown),
                                            JsonMapping.fromJson(body, SnapshotQuery.class))));
            case GET -> Future.succeededFuture(JsonMapping.toJson(shown(catalogue.get(id(body)))));
            case CANCEL -> cancel(id(body), Requester.of(message)).map(JsonMapping::toJson);
            case END -> end(id(body), Requester.of(message)).map(JsonMapping::toJson);
            case DELETE -> deletions.delete(id(body), Requester.of(message), Map.of()).map(deleted -> new JsonObject());
            case VERIFY -> verify(id(body), Requester.of(message)).map(JsonMapping::toJson);
            case MANIFEST -> manifest(id(body));
            case SCRUB_STATUS -> Future.succeededFuture(JsonMapping.toJson(scrubber.status()));
            case LOCK ->
                    lock(JsonMapping.fromJson(body, LockRequest.class), Requester.of(message)).map(JsonMapping::toJson);
            case RETENTION ->
                    Future.succeededFuture(
                            JsonMapping.toJson(retention.plan(JsonMapping.fromJson(body, RetentionQuery.class))));
            case BATCH -> batches.create(body, key(message), Requester.of(message)).map(JsonMapping::toJson);
            case GET_BATCH -> Future.succeededFuture(JsonMapping.toJson(batches.get(id(body))));
            case CANCEL_BATCH -> batches.cancel(id(body), Requester.of(message)).map(JsonMapping::toJson);
            case VOLUME -> volume.status().map(JsonMapping::toJson);
        };
    }

    private static SnapshotAction action(Message<JsonObject> message) {
        String action = String.valueOf(message.headers().get(Addresses.ACTION_HEADER));
        for (SnapshotAction known : SnapshotAction.values()) {
            if (known.name().equals(action)) {
                return known;
            }
        }
        throw HindsightException.ofField(
                ErrorCode.INVALID_REQUEST, Addresses.ACTION_HEADER, "Unknown action=" + action + ".");
    }

    private static String id(JsonObject body) {
        if (body.getValue("id") instanceof String id) {
            return id;
        }
        throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, "id", "Name the snapshot's id.");
    }

    private Future<Snapshot> create(Message<JsonObject> message, JsonObject body) {
        SnapshotRequest request = JsonMapping.fromJson(body, SnapshotRequest.class);
        String key = key(message);
        Optional<SnapshotCatalogue.Keyed> before = Optional.ofNullable(key).flatMap(catalogue::byKey);
        if (before.isPresent()) {
            return again(before.get(), request);
        }
        if (key != null && batches.isKey(key)) {
            throw HindsightException.ofField(
                    ErrorCode.IDEMPOTENCY_CONFLICT, "idempotency-key", "The idempotency key was used for a batch.");
        }
        Requester requester = Requester.of(message);
        Instant now = hub.clock().instant();
        SnapshotOrder order = order(request, ids.next(now), key, requester.who(), now, null);
        requirePlace(order);
        return begin(order, requester);
    }

    private static @Nullable String key(Message<JsonObject> message) {
        return RequestRules.idempotencyKey(message.headers().get("idempotency-key"));
    }

    /** Windows that are still being recorded last for hours: they are counted by themselves, and keep no other from running. */
    private void requirePlace(SnapshotOrder order) {
        if (!order.endsAhead()) {
            requirePlace();
        } else if (catalogue.recordingCount() >= hub.config().maxConcurrentSnapshots()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "Of so many snapshots the windows are still being recorded already: limit="
                            + hub.config().maxConcurrentSnapshots()
                            + ".");
        }
    }

    /** A batch counts as one: what it does at once is bounded by itself. */
    private void requirePlace() {
        if (catalogue.singleCount() + batches.runningCount() >= hub.config().maxConcurrentSnapshots()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "So many snapshots are running already: limit=" + hub.config().maxConcurrentSnapshots() + ".");
        }
    }

    private Future<Snapshot> again(SnapshotCatalogue.Keyed before, SnapshotRequest request) {
        if (!before.request().equals(request)) {
            throw HindsightException.ofField(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "idempotency-key",
                    "The idempotency key was used with another request, for snapshot id=" + before.id() + ".");
        }
        Optional<SnapshotSession> session = catalogue.session(before.id());
        return session.map(SnapshotSession::admitted)
                .orElseGet(() -> Future.succeededFuture(catalogue.get(before.id())))
                .map(admitted -> catalogue.get(before.id()));
    }

    private SnapshotOrder order(
            SnapshotRequest request,
            String id,
            @Nullable String key,
            String requestedBy,
            Instant now,
            @Nullable String batch) {
        List<NodeId> nodes = RequestRules.nodes(request.nodes(), hub.nodes().known());
        SnapshotLocks.requirePossible(request.lockUntil(), "lockUntil", now);
        SnapshotOrder order =
                new SnapshotOrder(
                        id,
                        RequestRules.name(request.name(), now),
                        request,
                        key,
                        requestedBy,
                        now,
                        RequestRules.window(request, now),
                        nodes,
                        batch);
        requireReachable(nodes, order.requiresAll());
        RequestRules.sources(request.sources());
        return order;
    }

    private void requireReachable(List<NodeId> nodes, boolean all) {
        List<NodeId> away = nodes.stream().filter(node -> !hub.nodes().isReachable(node)).toList();
        if (away.size() == nodes.size()) {
            throw new HindsightException(
                    ErrorCode.AGENT_UNREACHABLE,
                    away.isEmpty()
                            ? "No agent has reported here yet."
                            : "None of the nodes " + away + " can be reached.");
        }
        if (all && !away.isEmpty()) {
            throw new HindsightException(
                    ErrorCode.AGENT_UNREACHABLE,
                    "Every node is required, and the nodes " + away + " cannot be reached.");
        }
    }

    /** Nothing is frozen before the custody log says that it was asked for. */
    private Future<Snapshot> begin(SnapshotOrder order, Requester requester) {
        SnapshotSession session = add(order, node -> null, null);
        LOG.info(
                "snapshot={} requested by={} from={} to={} nodes={}",
                order.id(),
                order.createdBy(),
                order.from(),
                order.to(),
                order.nodes());
        scrubber.busyChanged();
        record(session, requester).onSuccess(line -> session.start());
        return session.admitted().onFailure(refused -> catalogue.forgetKey(order.idempotencyKey()));
    }

    private Future<?> record(SnapshotSession session, Requester requester) {
        SnapshotOrder order = session.order();
        Future<?> recorded =
                hub.custody()
                        .append(
                                requester.begun(
                                        CustodyAction.CREATE, order.id(), order.name(), SnapshotOrder.details(order)))
                        .onSuccess(line -> remember(session))
                        .onFailure(session::refuse);
        beginning.add(recorded);
        recorded.onComplete(line -> beginning.remove(recorded));
        return recorded;
    }

    private void sessionEnded(SnapshotSession session) {
        catalogue.ended(session);
        scrubber.busyChanged();
        volume.changed();
        SnapshotOrder order = session.order();
        if (!session.state().sealed()) {
            String key = session.admitted().failed() ? null : order.idempotencyKey();
            remember(new Entry(session.show(), order.request(), key, session.attempt(), null));
            catalogue.trim().forEach(this::forget);
            if (session.state() == SnapshotState.FAILED) {
                recordFailure(session.show());
            }
        } else if (session.sealRecorded()) {
            forget(order.id());
        }
    }

    private Future<Snapshot> cancel(String id, Requester requester) {
        Optional<SnapshotSession> session = catalogue.session(id);
        if (session.isEmpty()) {
            return Future.succeededFuture(catalogue.get(id));
        }
        Snapshot running = catalogue.get(id);
        return hub.custody()
                .append(requester.begun(CustodyAction.CANCEL, id, running.name(), Map.of()))
                .compose(recorded -> session.get().cancel())
                .compose(ended -> {
                    Map<String, String> details = Map.of("state", ended.state().name());
                    return hub.custody().append(requester.done(CustodyAction.CANCEL, ended, details)).map(ended);
                });
    }

    /** Ends the window of one that is still being recorded; any other stays as it is. */
    private Future<Snapshot> end(String id, Requester requester) {
        Snapshot before = catalogue.get(id);
        Optional<SnapshotSession> session = catalogue.session(id).filter(SnapshotSession::isRecording);
        if (session.isEmpty()) {
            return Future.succeededFuture(before);
        }
        return hub.custody()
                .append(requester.begun(CustodyAction.END, id, before.name(), Map.of()))
                .compose(recorded -> session.get().endWindow(requester.who()))
                .compose(ended -> {
                    Map<String, String> details =
                            Map.of("askedTo", before.to().toString(), "to", ended.to().toString());
                    return hub.custody().append(requester.done(CustodyAction.END, ended, details)).map(ended);
                })
                .recover(failure ->
                        hub.custody()
                                .note(requester.refused(CustodyAction.END, before, BusFailures.asHindsight(failure)))
                                .compose(noted -> Future.failedFuture(failure)));
    }

    /** Of a snapshot that is no longer there. */
    private void gone(String id) {
        forget(id);
        onJournal(() -> records.remove(id));
        locks.forget(id).onFailure(failure -> LOG.warn("snapshot={}: {}", id, failure.getMessage()));
        volume.changed();
    }

    private Future<Snapshot> lock(LockRequest request, Requester requester) {
        requireOnVolume(request.id());
        deletions.requireStays(request.id());
        return locks.extend(request, requester).map(this::shown);
    }

    private Future<VerifyReport> verify(String id, Requester requester) {
        requireOnVolume(id);
        Snapshot snapshot = catalogue.get(id);
        if (verifications >= MAX_VERIFICATIONS) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "So many verifications are running already: limit=" + MAX_VERIFICATIONS + ".");
        }
        verifications++;
        return hub.onReader(() -> SnapshotVerifier.verify(hub.store().folder(id)))
                .onComplete(done -> verifications--)
                .onSuccess(report -> scrubber.verified(id, report))
                .compose(report ->
                        hub.custody()
                                .note(requester.done(CustodyAction.VERIFY, snapshot, Verifications.details(report)))
                                .map(report));
    }

    private Snapshot shown(Snapshot snapshot) {
        return snapshot.with(scrubber.verification(snapshot.id()));
    }

    private Future<JsonObject> manifest(String id) {
        requireOnVolume(id);
        return hub.onWriter(() ->
                new JsonObject(
                        new String(SealedSnapshot.manifestBytes(hub.store().folder(id)), StandardCharsets.UTF_8)));
    }

    private void requireOnVolume(String id) {
        Snapshot snapshot = catalogue.get(id);
        if (!catalogue.isOnVolume(id)) {
            throw new HindsightException(
                    ErrorCode.WRONG_STATE, "The snapshot id=" + id + " is " + snapshot.state() + " and not sealed.");
        }
    }

    private Future<Void> remember(SnapshotSession session) {
        return remember(session.entry());
    }

    private Future<Void> remember(Entry entry) {
        return onJournal(() -> journal.put(entry));
    }

    private void forget(String id) {
        onJournal(() -> journal.remove(id));
    }

    /** One after the other: the journal's newest record of a snapshot is its last. */
    private Future<Void> onJournal(Runnable step) {
        Future<Void> written =
                lastJournalStep
                        .transform(before ->
                                hub.<Void>onWriter(() -> {
                                    step.run();
                                    return null;
                                }))
                        .onFailure(failure ->
                                LOG.warn("The journal of sessions was not written: {}", failure.getMessage()))
                        .otherwiseEmpty();
        lastJournalStep = written;
        return written;
    }

    /** What batches have done as single snapshots do. */
    private final class BatchHost implements Batches.Host {
        @Override
        public List<Consumer<SnapshotRequest>> checks(Instant now) {
            List<NodeId> known = hub.nodes().known();
            return List.of(
                    request -> RequestRules.name(request.name(), now),
                    request -> RequestRules.windowOfBatch(request, now),
                    request ->
                            requireReachable(
                                    RequestRules.nodes(request.nodes(), known),
                                    Boolean.TRUE.equals(request.requireAll())),
                    request -> RequestRules.sources(request.sources()),
                    request -> SnapshotLocks.requirePossible(request.lockUntil(), "lockUntil", now));
        }

        @Override
        public SnapshotOrder order(SnapshotRequest request, String id, String requestedBy, Instant now, String batch) {
            return SnapshotService.this.order(request, id, null, requestedBy, now, batch);
        }

        @Override
        public SnapshotSession add(
                SnapshotOrder order, Function<NodeId, @Nullable SharedFeed> feeds, @Nullable Entry interrupted) {
            SnapshotSession session = SnapshotService.this.add(order, feeds, interrupted);
            scrubber.busyChanged();
            return session;
        }

        @Override
        public Future<?> record(SnapshotSession session, Requester requester) {
            return SnapshotService.this.record(session, requester);
        }

        @Override
        public void goOn(SnapshotSession session, Entry interrupted) {
            SnapshotService.this.goOn(session, interrupted);
        }

        @Override
        public Future<Snapshot> cancel(String id, Requester requester) {
            return SnapshotService.this.cancel(id, requester);
        }

        @Override
        public Future<Void> onJournal(Runnable step) {
            return SnapshotService.this.onJournal(step);
        }

        @Override
        public void requirePlace() {
            SnapshotService.this.requirePlace();
        }
    }
}
