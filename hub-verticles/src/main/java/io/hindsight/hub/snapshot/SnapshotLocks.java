package io.hindsight.hub.snapshot;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.LockRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.LockRecords;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots that nobody may delete before a time. A lock is extended, never shortened or taken off. It holds by the Hub's clock. One context.
 */
final class SnapshotLocks {
    /** A hundred years. */
    static final Duration MAX_LOCK = Duration.ofDays(36_525);

    private final HubResources hub;
    private final SnapshotCatalogue catalogue;
    private final LockRecords records;
    private Future<?> lastWrite = Future.succeededFuture();

    SnapshotLocks(HubResources hub, SnapshotCatalogue catalogue) {
        this.hub = hub;
        this.catalogue = catalogue;
        this.records = new LockRecords(hub.config().snapshotDirectory());
    }

    /** On a worker, before anybody else knows of the catalogue. */
    void load() {
        records.load(catalogue::isOnVolume)
                .forEach((id, until) -> {
                    Instant before = catalogue.get(id).lockUntil();
                    catalogue.lock(id, before != null && before.isAfter(until) ? before : until);
                });
    }

    /** What a lock may be: later than now, and within {@link #MAX_LOCK}. */
    static void requirePossible(@Nullable Instant until, String field, Instant now) {
        if (until != null && (!until.isAfter(now) || until.isAfter(now.plus(MAX_LOCK)))) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    field,
                    "A lock ends after now=" + now + " and within " + MAX_LOCK.toDays() + " days, got " + until + ".");
        }
    }

    /** SNAPSHOT_LOCKED while it is. */
    void requireUnlocked(String id) {
        Snapshot snapshot = catalogue.get(id);
        Instant until = snapshot.lockUntil();
        if (until != null && hub.clock().instant().isBefore(until)) {
            throw new HindsightException(
                    ErrorCode.SNAPSHOT_LOCKED,
                    "The snapshot id=" + id + " is locked until=" + until + ": nobody may delete it before then.");
        }
    }

    /** Locks a snapshot of the volume, or extends its lock; the answer comes when that is on disk and in the custody log. */
    Future<Snapshot> extend(LockRequest request, Requester requester) {
        Snapshot snapshot = catalogue.get(request.id());
        Instant before = snapshot.lockUntil();
        requirePossible(request.until(), "until", hub.clock().instant());
        if (before != null && request.until().isBefore(before)) {
            HindsightException refused =
                    new HindsightException(
                            ErrorCode.SNAPSHOT_LOCKED,
                            "The snapshot id="
                                    + request.id()
                                    + " is locked until="
                                    + before
                                    + "; a lock may be extended, not shortened to "
                                    + request.until()
                                    + ".");
            return hub.custody()
                    .note(requester.refused(CustodyAction.LOCK, snapshot, refused))
                    .transform(noted -> Future.failedFuture(refused));
        }
        // At once, so that no deletion comes in between.
        catalogue.lock(request.id(), request.until());
        return written(() -> records.put(request.id(), request.until()))
                .onFailure(failed -> revert(request, before))
                .compose(onDisk ->
                        hub.custody().append(requester.done(CustodyAction.LOCK, snapshot, details(request, before))))
                .map(recorded -> published(catalogue.get(request.id())));
    }

    private static Map<String, String> details(LockRequest request, @Nullable Instant before) {
        Map<String, String> details = new HashMap<>();
        details.put("until", request.until().toString());
        if (before != null) {
            details.put("before", before.toString());
        }
        return details;
    }

    private void revert(LockRequest request, @Nullable Instant before) {
        if (catalogue.isOnVolume(request.id()) && request.until().equals(catalogue.get(request.id()).lockUntil())) {
            catalogue.lock(request.id(), before);
        }
    }

    private Snapshot published(Snapshot locked) {
        hub.vertx()
                .eventBus()
                .publish(
                        Addresses.EVENTS,
                        new JsonObject().put("type", "snapshot").put("snapshot", JsonMapping.toJson(locked)));
        return locked;
    }

    /** One after the other: the newest lock is the last that is written. */
    private Future<Void> written(Runnable step) {
        Future<Void> write =
                lastWrite.transform(before ->
                        hub.<Void>onWriter(() -> {
                            step.run();
                            return null;
                        }));
        lastWrite = write;
        return write;
    }

    /** The snapshot is gone. */
    Future<Void> forget(String id) {
        return written(() -> records.remove(id));
    }
}
