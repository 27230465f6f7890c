package io.hindsight.hub.snapshot;

import io.hindsight.bus.ExtentPlan;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.SpaceBudget;
import io.vertx.core.Future;

/**
 * Room on the volume for one node's rounds. How much a window that ends ahead will take is not known when it is asked for, so each round's room is reserved when it has been planned, and what
 * the round did not need is given back with the next. The session's context only.
 */
final class RoundRoom {
    private final HubResources hub;
    private final String snapshotId;
    private long leftBytes;

    RoundRoom(HubResources hub, String snapshotId) {
        this.hub = hub;
        this.snapshotId = snapshotId;
    }

    /** The session has reserved what the first round plans. */
    void reserved(long bytes) {
        leftBytes = bytes;
    }

    void written(long bytes) {
        leftBytes = Math.max(0, leftBytes - bytes);
    }

    /** Fails with INSUFFICIENT_STORAGE where the round has no room. */
    Future<Void> claim(ExtentPlan round) {
        SpaceBudget budget = hub.budget();
        long needed = round.chunks() == 0 ? 0 : round.bytes() + IndexDescriptor.recordOffset(round.chunks());
        long more = needed - leftBytes;
        leftBytes = needed;
        if (more <= 0) {
            budget.giveBack(snapshotId, -more);
            return Future.succeededFuture();
        }
        return hub.onWriter(() -> {
            budget.extend(snapshotId, more);
            return null;
        });
    }
}
