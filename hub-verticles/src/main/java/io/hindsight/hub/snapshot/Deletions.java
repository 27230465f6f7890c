package io.hindsight.hub.snapshot;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.scrub.Scrubber;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes snapshots, whoever asks: a caller, or a rule. Nothing is removed before the custody log says that it is going to be, and nothing that is locked. One context.
 */
final class Deletions {
    private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);

    private final HubResources hub;
    private final SnapshotCatalogue catalogue;
    private final SnapshotLocks locks;
    private final Scrubber scrubber;
    private final Consumer<String> whenGone;
    private final Set<String> underWay = new HashSet<>();

    /** {@code whenGone} forgets what else is known of a snapshot. */
    Deletions(
            HubResources hub,
            SnapshotCatalogue catalogue,
            SnapshotLocks locks,
            Scrubber scrubber,
            Consumer<String> whenGone) {
        this.hub = hub;
        this.catalogue = catalogue;
        this.locks = locks;
        this.scrubber = scrubber;
        this.whenGone = whenGone;
    }

    /** Fails where the snapshot is on its way out. */
    void requireStays(String id) {
        if (underWay.contains(id)) {
            throw new HindsightException(ErrorCode.WRONG_STATE, "The snapshot id=" + id + " is being deleted.");
        }
    }

    Future<Void> delete(String id, Requester requester, Map<String, String> details) {
        Snapshot snapshot = catalogue.get(id);
        if (!snapshot.state().ended() || catalogue.session(id).isPresent()) {
            throw new HindsightException(
                    ErrorCode.WRONG_STATE, "The snapshot id=" + id + " is " + snapshot.state() + "; cancel it first.");
        }
        requireStays(id);
        try {
            locks.requireUnlocked(id);
        } catch (HindsightException locked) {
            return hub.custody()
                    .note(requester.refused(CustodyAction.DELETE, snapshot, locked))
                    .transform(noted -> Future.failedFuture(locked));
        }
        underWay.add(id);
        return hub.custody()
                .append(requester.begun(CustodyAction.DELETE, id, snapshot.name(), details))
                .compose(recorded -> remove(snapshot, requester, details))
                .onComplete(ended -> underWay.remove(id));
    }

    private Future<Void> remove(Snapshot snapshot, Requester requester, Map<String, String> details) {
        String id = snapshot.id();
        boolean onVolume = catalogue.isOnVolume(id);
        scrubber.leave(id);
        return hub.<Void>onWriter(
                        () -> {
                            if (onVolume) {
                                hub.store().delete(id);
                            }
                            return null;
                        })
                .onComplete(done -> scrubber.left(id, done.succeeded()))
                .onSuccess(removed -> gone(id))
                .recover(failure ->
                        hub.custody()
                                .note(
                                        requester.failed(
                                                CustodyAction.DELETE, snapshot, BusFailures.asHindsight(failure)))
                                .transform(noted -> Future.failedFuture(failure)))
                .compose(removed -> hub.custody().append(requester.done(CustodyAction.DELETE, snapshot, details)))
                .mapEmpty();
    }

    private void gone(String id) {
        catalogue.remove(id);
        hub.budget().gone(id);
        whenGone.accept(id);
        LOG.info("snapshot={} deleted", id);
        hub.vertx().eventBus().publish(Addresses.EVENTS, new JsonObject().put("type", "deleted").put("id", id));
    }
}
