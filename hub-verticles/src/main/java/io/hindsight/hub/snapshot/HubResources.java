package io.hindsight.hub.snapshot;

import io.hindsight.config.HubConfig;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.store.SnapshotStore;
import io.hindsight.hub.store.SpaceBudget;
import io.hindsight.hub.store.StoreWorkers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What all sessions share.
 *
 * @param vertx bus and timers
 * @param store where snapshots are kept
 * @param workers threads for files
 * @param budget room on the volume
 * @param custody records who does what
 * @param nodes who is there
 * @param lanes for chunks from other machines
 * @param config limits
 * @param timeouts how long to wait
 * @param clock wall clock
 * @param nanoClock {@link System#nanoTime()}: for how long something takes
 * @param derivers what is computed from a snapshot's data while it is sealed
 * @param program name and version, for manifests
 */
record HubResources(
        Vertx vertx,
        SnapshotStore store,
        StoreWorkers workers,
        SpaceBudget budget,
        CustodyLog custody,
        NodeRegistry nodes,
        LaneTokens lanes,
        HubConfig config,
        SessionTimeouts timeouts,
        InstantSource clock,
        LongSupplier nanoClock,
        List<Deriver> derivers,
        String program) {

    HubResources {
        derivers = List.copyOf(derivers);
    }

    /** How long agents keep their pins without a word. */
    Duration lease() {
        return timeouts.leaseFor(config.nodePatience());
    }

    /** Runs a step that waits for the disk; the future completes on the caller's context. */
    <T> Future<T> onWriter(Supplier<T> step) {
        return run(workers.writers(), step);
    }

    /** Runs a step that reads whole snapshots; the future completes on the caller's context. */
    <T> Future<T> onReader(Supplier<T> step) {
        return run(workers.readers(), step);
    }

    /** Fails with what the step threw, not with that in an envelope. */
    private <T> Future<T> run(Executor executor, Supplier<T> step) {
        CompletableFuture<T> done = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                done.complete(step.get());
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return Future.fromCompletionStage(done, vertx.getOrCreateContext());
    }
}
