package io.hindsight.hub.snapshot;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import io.hindsight.bus.Addresses;
import io.hindsight.hub.scrub.ScrubTargets;
import io.hindsight.hub.store.VerificationRecords;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalogue's sealed snapshots, for verification in the background. One context.
 *
 * @param hub where the folders are
 * @param catalogue what there is
 * @param records where outcomes are kept
 * @param onJournal runs steps that write, one after the other
 */
record ScrubbedCatalogue(
        HubResources hub, SnapshotCatalogue catalogue, VerificationRecords records, Consumer<Runnable> onJournal)
        implements ScrubTargets {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubbedCatalogue.class);

    @Override
    public Stream<Snapshot> onVolume() {
        return catalogue.all().filter(snapshot -> catalogue.isOnVolume(snapshot.id()));
    }

    @Override
    public Path folder(String id) {
        return hub.store().folder(id);
    }

    @Override
    public boolean isBusy() {
        return catalogue.runningCount() > 0;
    }

    @Override
    public void verifiedInBackground(String id, VerifyReport report) {
        if (catalogue.isOnVolume(id)) {
            Requester scrub = new Requester("scrub", null);
            hub.custody()
                    .note(scrub.done(CustodyAction.VERIFY, catalogue.get(id), Verifications.details(report)))
                    .onComplete(noted -> LOG.debug("snapshot={}: its verification is recorded.", id));
        }
    }

    /** Keeps the outcome, and publishes it as news of its snapshot. */
    @Override
    public void verified(String id, Verification verification) {
        onJournal.accept(() -> records.put(id, verification));
        JsonObject snapshot = JsonMapping.toJson(catalogue.get(id).with(verification));
        hub.vertx()
                .eventBus()
                .publish(Addresses.EVENTS, new JsonObject().put("type", "snapshot").put("snapshot", snapshot));
    }
}
