package io.hindsight.hub.snapshot;

import io.hindsight.api.RetentionPlan;
import io.hindsight.api.RetentionPlan.Candidate;
import io.hindsight.api.RetentionQuery;
import io.hindsight.api.Snapshot;
import io.hindsight.config.VolumeRules;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what the rules of retention mean, where any are set: looks every two seconds, deletes one snapshot at a time, and records each with the rule as who did it. One
 * that could not be deleted is tried again after an hour. One context.
 */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final long LOOK_MS = 2_000;
    private static final Duration RETRY = Duration.ofHours(1);

    private final HubResources hub;
    private final SnapshotCatalogue catalogue;
    private final Deletions deletions;
    private final VolumeRules rules;

    /** When a deletion failed; of snapshots that are there alone. */
    private final Map<String, Instant> failed = new HashMap<>();

    private boolean deleting;

    Retention(HubResources hub, SnapshotCatalogue catalogue, Deletions deletions) {
        this.hub = hub;
        this.catalogue = catalogue;
        this.deletions = deletions;
        this.rules = hub.config().volume();
    }

    void start() {
        if (rules.deletes()) {
            LOG.info(
                    "Snapshots are deleted by rule, unless they are locked: retain-for={} retain-bytes={}",
                    rules.retainFor(),
                    rules.retainBytes());
            hub.vertx().setPeriodic(LOOK_MS, timer -> look());
        }
    }

    RetentionPlan plan(RetentionQuery query) {
        RetentionRules own = RetentionRules.of(rules);
        RetentionRules asked = own.with(query);
        return plan(asked, rules.deletes() && asked.equals(own));
    }

    private RetentionPlan plan(RetentionRules meant, boolean inForce) {
        List<Snapshot> onVolume = catalogue.all().filter(snapshot -> catalogue.isOnVolume(snapshot.id())).toList();
        return meant.plan(onVolume, hub.budget()::keptBytes, hub.clock().instant(), inForce);
    }

    private void look() {
        if (deleting) {
            return;
        }
        Instant now = hub.clock().instant();
        failed.keySet().removeIf(id -> !catalogue.isOnVolume(id));
        plan(RetentionRules.of(rules), true).due().stream()
                .filter(candidate -> !failed.getOrDefault(candidate.id(), Instant.EPOCH).plus(RETRY).isAfter(now))
                .findFirst()
                .ifPresent(this::delete);
    }

    private void delete(Candidate candidate) {
        LOG.info(
                "snapshot={} goes by rule={}: sealed at={} bytes={}",
                candidate.id(),
                candidate.rule(),
                candidate.sealedAt(),
                candidate.bytes());
        deleting = true;
        deletion(candidate)
                .onFailure(failure -> {
                    failed.put(candidate.id(), hub.clock().instant());
                    LOG.warn("snapshot={} was not deleted by rule: {}", candidate.id(), failure.getMessage());
                })
                .onComplete(ended -> {
                    deleting = false;
                    if (ended.succeeded()) {
                        look();
                    }
                });
    }

    private Future<Void> deletion(Candidate candidate) {
        try {
            return deletions.delete(
                    candidate.id(),
                    new Requester("rule:" + candidate.rule(), null),
                    Map.of("sealedAt", candidate.sealedAt().toString(), "bytes", Long.toString(candidate.bytes())));
        } catch (RuntimeException refused) {
            return Future.failedFuture(refused);
        }
    }
}
