package io.hindsight.client;

import io.hindsight.api.Batch;
import io.hindsight.api.BatchRequest;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.VerifyReport;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusCodecs;
import io.hindsight.bus.LockRequest;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * A Hub, for Java programs, over the event bus of their Vert.x: in the Hub's own process, in its cluster, or joined to it by a {@link HubBridge}. The program is the same,
 * and so are its answers.
 *
 * <pre>{@code
 * HubClient hub = new HubClient(vertx);
 * hub.create(new SnapshotRequest("checkout 500s", "5m", null, null, null))
 *     .compose(snapshot -> ended(hub.progress(snapshot.id())))
 *     .onSuccess(snapshot -> hub.chunks(ReadOptions.of(snapshot.id()))
 *         .exceptionHandler(failure -> ...)
 *         .endHandler(whole -> ...)
 *         .handler(chunk -> { read(chunk.parts()); chunk.release(); }));
 * }</pre>
 *
 * <p>Failures are {@link HindsightException}s with the codes of the HTTP API; NOT_READY where no Hub answers, TIMED_OUT where it does not answer in
 * time (what was asked for may have been done: repeat a creation under its key). Permissions are those of the HTTP operations; over a bridge the Hub checks them.
 *
 * <p>Thread-safe. Futures complete on the caller's context; streams keep the context that they were made on.
 */
public final class HubClient {
    private static final long ASK_AGAIN_MS = 500;

    private final Vertx vertx;
    private final HubRequests requests;

    /** With the usual options. */
    public HubClient(Vertx vertx) {
        this(vertx, ClientOptions.DEFAULTS);
    }

    /** Registers the codecs of chunks with the bus, where they are not. */
    public HubClient(Vertx vertx, ClientOptions options) {
        this.vertx = vertx;
        this.requests = new HubRequests(vertx.eventBus(), options);
        BusCodecs.register(vertx.eventBus());
    }

    /**
     * Waits until a Hub answers: one that starts, or a cluster in which this member has not heard of it yet.
     *
     * @return fails as the last question did, where that takes longer than {@code patience}; also with FORBIDDEN
     */
    public Future<Void> ready(Duration patience) {
        return readyBy(System.nanoTime() + patience.toNanos());
    }

    private Future<Void> readyBy(long deadlineNs) {
        return list(new SnapshotQuery(null, null, null, null, 1, 0))
                .<Void>mapEmpty()
                .recover(failure -> {
                    boolean passes = failure instanceof HindsightException known && known.code().retryable();
                    return passes && deadlineNs - System.nanoTime() > 0
                            ? vertx.timer(ASK_AGAIN_MS, TimeUnit.MILLISECONDS).compose(due -> readyBy(deadlineNs))
                            : Future.failedFuture(failure);
                });
    }

    /**
     * Freezes a window. Answered once chunks are on their way, or after two seconds.
     *
     * @return the running snapshot; fails with INVALID_REQUEST, INVALID_WINDOW, UNKNOWN_NODE, EMPTY_WINDOW, AGENT_UNREACHABLE, INSUFFICIENT_STORAGE,
     *     TOO_MANY_REQUESTS
     */
    public Future<Snapshot> create(SnapshotRequest request) {
        return create(request, requests.delivery(SnapshotAction.CREATE.name(), requests.options().timeout()));
    }

    /**
     * The same, repeatable: under one key there is one snapshot, however often it is asked for.
     *
     * @param idempotencyKey 1 to 128 printable characters of the caller's own making
     * @return also fails with IDEMPOTENCY_CONFLICT
     */
    public Future<Snapshot> create(SnapshotRequest request, String idempotencyKey) {
        return create(
                request,
                requests.delivery(SnapshotAction.CREATE.name(), requests.options().timeout())
                        .addHeader("idempotency-key", idempotencyKey));
    }

    /**
     * Freezes many windows; what they share is read and sent once.
     *
     * @param request 1 to {@link BatchRequest#MAX_REQUESTS} windows, all of which are over
     * @return the batch, its snapshots begun or waiting; as {@link #create} fails, and with the faults of each request: then nothing is begun
     */
    public Future<Batch> batch(BatchRequest request) {
        return batch(request, requests.delivery(SnapshotAction.BATCH.name(), requests.options().timeout()));
    }

    /** The same, repeatable: as {@link #create(SnapshotRequest, String)}. */
    public Future<Batch> batch(BatchRequest request, String idempotencyKey) {
        return batch(
                request,
                requests.delivery(SnapshotAction.BATCH.name(), requests.options().timeout())
                        .addHeader("idempotency-key", idempotencyKey));
    }

    private Future<Batch> batch(BatchRequest request, DeliveryOptions delivery) {
        return requests.ask(Addresses.SNAPSHOTS, JsonMapping.toJson(request), delivery)
                .map(answer -> JsonMapping.fromJson(answer, Batch.class));
    }

    private Future<Snapshot> create(SnapshotRequest request, DeliveryOptions delivery) {
        return requests.ask(Addresses.SNAPSHOTS, JsonMapping.toJson(request), delivery).map(HubClient::snapshot);
    }

    /** One page of the snapshots; the next begins at {@code offset + limit} while that is below {@code total}. */
    public Future<SnapshotPage> list(SnapshotQuery query) {
        return requests.ask(Addresses.SNAPSHOTS, SnapshotAction.LIST.name(), JsonMapping.toJson(query))
                .map(page -> JsonMapping.fromJson(page, SnapshotPage.class));
    }

    /** A snapshot as it is now. Fails with SNAPSHOT_NOT_FOUND. */
    public Future<Snapshot> show(String id) {
        return about(SnapshotAction.GET, id).map(HubClient::snapshot);
    }

    /** Ends a running snapshot, of which nothing is kept; one that has ended is answered as it is. */
    public Future<Snapshot> cancel(String id) {
        return about(SnapshotAction.CANCEL, id).map(HubClient::snapshot);
    }

    /** Ends the window of a running one now, where it would go on: what came is sealed; another is answered as it is. */
    public Future<Snapshot> end(String id) {
        return about(SnapshotAction.END, id).map(HubClient::snapshot);
    }

    /** Deletes one that has ended. Fails with WRONG_STATE, SNAPSHOT_LOCKED, SNAPSHOT_NOT_FOUND. */
    public Future<Void> delete(String id) {
        return about(SnapshotAction.DELETE, id).mapEmpty();
    }

    /** Has every byte of a sealed one read and checked. */
    public Future<VerifyReport> verify(String id) {
        Duration patience = requests.options().verifyTimeout();
        return requests.ask(Addresses.SNAPSHOTS, named(id), requests.delivery(SnapshotAction.VERIFY.name(), patience))
                .map(report -> JsonMapping.fromJson(report, VerifyReport.class));
    }

    /** Keeps a sealed one from being deleted before then; a lock can only be made longer. */
    public Future<Snapshot> lock(String id, Instant until) {
        JsonObject body = JsonMapping.toJson(new LockRequest(id, until));
        return requests.ask(Addresses.SNAPSHOTS, SnapshotAction.LOCK.name(), body).map(HubClient::snapshot);
    }

    /** The manifest of a sealed one, as it lies in the file. */
    public Future<JsonObject> manifest(String id) {
        return about(SnapshotAction.MANIFEST, id);
    }

    /**
     * A snapshot's progress: the state that it has now first, then each newer one, at most ten a second. A reader that is paused, or slow, misses steps and gets the newest:
     * one state waits at most. Ends behind the state in which the snapshot has ended, also where events were lost on the way: after {@value
     * SnapshotProgress#ASK_AFTER_MS} ms without one the Hub is asked. Fails with SNAPSHOT_NOT_FOUND where it is not there or was deleted, and where the Hub cannot be asked.
     * {@code handler(null)} ends it.
     */
    public ReadStream<Snapshot> progress(String id) {
        return new SnapshotProgress(vertx, requests, id);
    }

    /** The chunks of a sealed snapshot: {@link SnapshotChunks} says how. Nothing is asked for before it has a handler. */
    public SnapshotChunks chunks(ReadOptions options) {
        return new SnapshotChunks(vertx, requests, options);
    }

    private Future<JsonObject> about(SnapshotAction action, String id) {
        return requests.ask(Addresses.SNAPSHOTS, action.name(), named(id));
    }

    private static JsonObject named(String id) {
        return new JsonObject().put("id", id);
    }

    private static Snapshot snapshot(JsonObject json) {
        return JsonMapping.fromJson(json, Snapshot.class);
    }
}
