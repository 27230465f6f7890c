package io.hindsight.hub.snapshot;

import io.hindsight.api.Batch;
import io.hindsight.api.BatchRequest;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.BatchRecords;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.SessionJournal;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches: takes them whole or not at all, remembers which snapshots they are, and lets them run ({@link BatchRun}). A batch counts as one of the snapshots that may
 * run at once; how many of its own do is bounded by their streams. The service's context only.
 */
final class Batches {
    /** Batches that are remembered, and their snapshots: beyond that the oldest that have ended are forgotten. */
    static final int MAX_REMEMBERED = 1_000;

    static final int MAX_REMEMBERED_ITEMS = 100_000;

    /** Nodes' streams of all batches that are open at once, two files each. */
    static final int MAX_STREAMS = 2_048;

    /** Of one batch: two go side by side. */
    static final int MAX_STREAMS_OF_ONE = MAX_STREAMS / 2;

    /** Lines that the custody log writes together. */
    private static final int LINES_TOGETHER = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

    private final HubResources hub;
    private final SnapshotCatalogue catalogue;
    private final BatchRecords records;
    private final Host host;
    private final SnapshotIds ids;
    private final StreamSlots slots = new StreamSlots(MAX_STREAMS);
    private final Map<String, Remembered> remembered = new LinkedHashMap<>();
    private final Map<String, String> keys = new HashMap<>();

    /** A batch; {@code run} is null once it has ended, {@code answered} when its first snapshots are on their way. */
    private record Remembered(BatchRecords.Entry entry, @Nullable BatchRun run, Future<Void> answered) {}

    /** What the service does for single snapshots too. */
    interface Host {
        /** What a request must be; each throws what is wrong. */
        List<Consumer<SnapshotRequest>> checks(Instant now);

        SnapshotOrder order(SnapshotRequest request, String id, String requestedBy, Instant now, String batch);

        /** Makes the session and lists it. */
        SnapshotSession add(
                SnapshotOrder order,
                Function<NodeId, @Nullable SharedFeed> feeds,
                SessionJournal.@Nullable Entry interrupted);

        /** Has it recorded that the snapshot was asked for, and remembers it; a session whose line is refused ends. Never fails. */
        Future<?> record(SnapshotSession session, Requester requester);

        /** Counts the attempt of one that was interrupted, and goes on with it. */
        void goOn(SnapshotSession session, SessionJournal.Entry interrupted);

        Future<Snapshot> cancel(String id, Requester requester);

        /** A step on a worker, after those before it. Never fails. */
        Future<Void> onJournal(Runnable step);

        /** Throws TOO_MANY_REQUESTS where enough is running. */
        void requirePlace();
    }

    Batches(HubResources hub, SnapshotCatalogue catalogue, SnapshotIds ids, Host host) {
        this.hub = hub;
        this.ids = ids;
        this.catalogue = catalogue;
        this.records = new BatchRecords(hub.config().snapshotDirectory());
        this.host = host;
    }

    /** On a worker, before anybody else knows of it. */
    void load() {
        records.load().stream()
                .sorted((one, other) -> one.createdAt().compareTo(other.createdAt()))
                .forEach(entry -> remember(new Remembered(entry, null, Future.succeededFuture())));
    }

    private void remember(Remembered batch) {
        BatchRecords.Entry entry = batch.entry();
        remembered.put(entry.id(), batch);
        if (entry.idempotencyKey() != null) {
            keys.put(entry.idempotencyKey(), entry.id());
        }
    }

    /** How many have not ended. */
    int runningCount() {
        return (int) remembered.values().stream().filter(batch -> batch.run() != null).count();
    }

    /** Whether a batch was asked for under the key. */
    boolean isKey(String key) {
        return keys.containsKey(key);
    }

    /** Takes a batch, or gives the one that was asked for under the key before. */
    Future<Batch> create(JsonObject body, @Nullable String key, Requester requester) {
        Remembered before = key == null ? null : remembered.get(keys.getOrDefault(key, ""));
        if (before != null) {
            return again(before, digest(BatchRules.read(body, List.of())));
        }
        requireNoSnapshotOf(key);
        Instant now = hub.clock().instant();
        BatchRequest request = BatchRules.read(body, host.checks(now));
        String name = request.name() == null ? null : RequestRules.name(request.name(), now);
        host.requirePlace();
        return begin(request, name, key, requester, now);
    }

    private Future<Batch> again(Remembered before, String digest) {
        if (!before.entry().requestSha256().equals(digest)) {
            throw HindsightException.ofField(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "idempotency-key",
                    "The idempotency key was used with another request, for batch id=" + before.entry().id() + ".");
        }
        return before.answered().map(answered -> view(before.entry()));
    }

    private void requireNoSnapshotOf(@Nullable String key) {
        Optional.ofNullable(key)
                .flatMap(catalogue::byKey)
                .ifPresent(snapshot -> {
                    throw HindsightException.ofField(
                            ErrorCode.IDEMPOTENCY_CONFLICT,
                            "idempotency-key",
                            "The idempotency key was used for snapshot id=" + snapshot.id() + ".");
                });
    }

    private static String digest(BatchRequest request) {
        return Digest.ofContent(JsonMapping.toJson(request).encode().getBytes(StandardCharsets.UTF_8)).hex();
    }

    private Future<Batch> begin(
            BatchRequest request, @Nullable String name, @Nullable String key, Requester requester, Instant now) {
        String id = "batch-" + ids.next(now);
        List<SnapshotOrder> orders = orders(request, id, requester, now);
        requireParts(BatchWaves.streams(orders));
        List<String> snapshots = orders.stream().map(SnapshotOrder::id).toList();
        BatchRecords.Entry entry =
                new BatchRecords.Entry(id, name, now, requester.who(), key, digest(request), snapshots);
        BatchRun run = new BatchRun(hub, id, 1, orders, slots, MAX_STREAMS_OF_ONE, SnapshotSession::start);
        orders.forEach(order -> run.add(host.add(order, run.feedsOf(order), null)));
        LOG.info("batch={} requested by={} snapshots={} streams={}", id, entry.createdBy(), orders.size(), parts(run));
        Promise<Void> answered = Promise.promise();
        runs(entry, run, answered.future());
        hub.vertx().setTimer(hub.timeouts().admission().toMillis(), timer -> answered.tryComplete());
        run.firstBegun().onComplete(begun -> answered.tryComplete());
        return host.onJournal(() -> records.put(entry))
                .compose(written -> recordAll(run.sessions().iterator(), requester))
                .onComplete(recorded -> run.start())
                .compose(recorded -> answered.future())
                .map(begun -> view(entry));
    }

    private List<SnapshotOrder> orders(BatchRequest request, String id, Requester requester, Instant now) {
        Map<String, SnapshotOrder> orders = new LinkedHashMap<>();
        for (SnapshotRequest each : request.requests()) {
            String snapshotId = ids.next(now);
            while (orders.containsKey(snapshotId) || catalogue.find(snapshotId).isPresent()) {
                snapshotId = ids.next(now);
            }
            orders.put(snapshotId, host.order(each, snapshotId, requester.who(), now, id));
        }
        return List.copyOf(orders.values());
    }

    private void requireParts(int parts) {
        if (parts > BatchRules.MAX_PARTS) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "requests",
                    "The batch has parts="
                            + parts
                            + " (requests times nodes), limit="
                            + BatchRules.MAX_PARTS
                            + ": name fewer nodes, or make two of it.");
        }
        int running =
                remembered.values().stream().mapToInt(batch -> batch.run() == null ? 0 : parts(batch.run())).sum();
        if (running + parts > BatchRules.MAX_PARTS) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "The batches that run have parts="
                            + running
                            + ", this one has parts="
                            + parts
                            + ", limit="
                            + BatchRules.MAX_PARTS
                            + ".");
        }
    }

    private static int parts(BatchRun run) {
        return BatchWaves.streams(run.sessions().stream().map(SnapshotSession::order).toList());
    }

    /** Nothing is frozen before the custody log says of each that it was asked for. */
    private Future<Void> recordAll(Iterator<SnapshotSession> rest, Requester requester) {
        List<Future<?>> together = new ArrayList<>();
        while (rest.hasNext() && together.size() < LINES_TOGETHER) {
            together.add(host.record(rest.next(), requester));
        }
        return together.isEmpty()
                ? Future.succeededFuture()
                : Future.join(together).transform(recorded -> recordAll(rest, requester));
    }

    private void runs(BatchRecords.Entry entry, BatchRun run, Future<Void> answered) {
        remember(new Remembered(entry, run, answered));
        BatchProgress progress = new BatchProgress(hub, () -> view(entry).withoutItems());
        run.ended()
                .onComplete(over -> {
                    remember(new Remembered(entry, null, answered));
                    progress.end();
                    trim();
                    LOG.info("batch={} has ended: {}", entry.id(), view(entry).states());
                });
    }

    private void trim() {
        int items = remembered.values().stream().mapToInt(batch -> batch.entry().snapshots().size()).sum();
        Iterator<Remembered> oldest = remembered.values().iterator();
        int batches = remembered.size();
        while (oldest.hasNext() && (batches > MAX_REMEMBERED || items > MAX_REMEMBERED_ITEMS)) {
            Remembered batch = oldest.next();
            if (batch.run() == null) {
                BatchRecords.Entry entry = batch.entry();
                oldest.remove();
                keys.values().remove(entry.id());
                host.onJournal(() -> records.remove(entry.id()));
                batches--;
                items -= entry.snapshots().size();
            }
        }
    }

    /** Goes on with what was interrupted of a batch. Its snapshots are planned anew one by one, and share what they still lack. */
    void goOn(List<SessionJournal.Entry> interrupted) {
        Map<String, List<SessionJournal.Entry>> batches = new LinkedHashMap<>();
        for (SessionJournal.Entry entry : interrupted) {
            String batch = Objects.requireNonNull(entry.snapshot().batch());
            batches.computeIfAbsent(batch, each -> new ArrayList<>()).add(entry);
        }
        batches.forEach(this::goOn);
    }

    private void goOn(String id, List<SessionJournal.Entry> interrupted) {
        Map<String, SessionJournal.Entry> byId = new HashMap<>();
        interrupted.forEach(entry -> byId.put(entry.snapshot().id(), entry));
        int number = 1 + interrupted.stream().mapToInt(SessionJournal.Entry::attempt).max().orElse(1);
        List<SnapshotOrder> orders = interrupted.stream().map(RecoveryRule::order).toList();
        BatchRun run =
                new BatchRun(
                        hub,
                        id,
                        number,
                        orders,
                        slots,
                        MAX_STREAMS_OF_ONE,
                        session -> host.goOn(session, Objects.requireNonNull(byId.get(session.order().id()))));
        for (SnapshotOrder order : orders) {
            run.add(host.add(order, run.feedsOf(order), byId.get(order.id())));
        }
        LOG.info("batch={} goes on with snapshots={}", id, orders.size());
        Remembered known = remembered.get(id);
        if (known != null) {
            runs(known.entry(), run, Future.succeededFuture());
        }
        run.start();
    }

    /** Begins nothing more: the Hub stops. */
    void stop() {
        remembered.values().stream().map(Remembered::run).filter(Objects::nonNull).forEach(BatchRun::stop);
    }

    Batch get(String id) {
        return view(known(id).entry());
    }

    private Remembered known(String id) {
        Remembered batch = remembered.get(id);
        if (batch == null) {
            String shown = id.length() <= 64 ? id : id.substring(0, 64) + "…";
            throw HindsightException.ofField(ErrorCode.NOT_FOUND, "id", "There is no batch id=" + shown + ".");
        }
        return batch;
    }

    /** Cancels what has not ended, some at once: each is a few lines of the custody log. */
    Future<Batch> cancel(String id, Requester requester) {
        Remembered batch = known(id);
        if (batch.run() == null) {
            return Future.succeededFuture(view(batch.entry()));
        }
        batch.run().stop();
        return cancelAll(batch.run().sessions().iterator(), requester).map(cancelled -> view(batch.entry()));
    }

    private Future<Void> cancelAll(Iterator<SnapshotSession> rest, Requester requester) {
        List<Future<?>> together = new ArrayList<>();
        while (rest.hasNext() && together.size() < LINES_TOGETHER) {
            SnapshotSession session = rest.next();
            if (!session.state().ended()) {
                together.add(
                        host.cancel(session.order().id(), requester)
                                .onFailure(failure ->
                                        LOG.info("snapshot={}: {}", session.order().id(), failure.getMessage())));
            }
        }
        return together.isEmpty()
                ? Future.succeededFuture()
                : Future.join(together).transform(cancelled -> cancelAll(rest, requester));
    }

    private Batch view(BatchRecords.Entry entry) {
        Map<String, Integer> states = new HashMap<>();
        List<Batch.Item> items = new ArrayList<>();
        long bytes = 0;
        long bytesExpected = 0;
        boolean ended = true;
        for (int index = 0; index < entry.snapshots().size(); index++) {
            String id = entry.snapshots().get(index);
            SnapshotSession session = catalogue.session(id).orElse(null);
            Snapshot known = session != null ? null : catalogue.find(id).orElse(null);
            Batch.Item item = item(index, id, session, known);
            items.add(item);
            bytes += session != null ? session.bytesWritten() : known == null ? 0 : known.bytes();
            bytesExpected += session != null ? session.bytesExpected() : known == null ? 0 : known.bytes();
            ended &= item.state() == null || item.state().ended();
            if (item.state() != null) {
                states.merge(item.state().name(), 1, Integer::sum);
            }
        }
        return new Batch(
                entry.id(),
                entry.name(),
                entry.createdAt(),
                entry.createdBy(),
                ended,
                states,
                bytes,
                bytesExpected,
                items);
    }

    private static Batch.Item item(int index, String id, @Nullable SnapshotSession session, @Nullable Snapshot known) {
        if (session != null) {
            return new Batch.Item(index, id, session.state(), session.error());
        }
        return known == null
                ? new Batch.Item(
                        index,
                        id,
                        null,
                        new Snapshot.Problem(
                                ErrorCode.SNAPSHOT_NOT_FOUND.name(),
                                "The snapshot is no longer there: it was deleted."))
                : new Batch.Item(index, id, known.state(), known.error());
    }
}
