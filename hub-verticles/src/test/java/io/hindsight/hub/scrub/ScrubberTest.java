package io.hindsight.hub.scrub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.ScrubStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import io.hindsight.config.DataSize;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.testing.SealedFixture;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which snapshot is read when, how fast, and when not. */
class ScrubberTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final long SLOW = 1L << 16;
    private static final long FAST = 1L << 30;

    @TempDir private static Path shared = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final Targets targets = new Targets();

    @BeforeAll
    static void seal() throws IOException {
        SealedFixture.sealed(shared.resolve("volume"), shared.resolve("sealed"));
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    /** Three names for one folder. Set up before, then used on the scrubber's context, but for {@code busy} and {@code order}. */
    private static final class Targets implements ScrubTargets {
        private final List<String> order = new CopyOnWriteArrayList<>();
        private final List<String> inBackground = new CopyOnWriteArrayList<>();
        private volatile List<Snapshot> snapshots = List.of();
        private volatile boolean busy;

        @Override
        public Stream<Snapshot> onVolume() {
            return snapshots.stream();
        }

        @Override
        public Path folder(String id) {
            return shared.resolve("sealed");
        }

        @Override
        public boolean isBusy() {
            return busy;
        }

        @Override
        public void verified(String id, Verification verification) {
            order.add(id);
        }

        @Override
        public void verifiedInBackground(String id, VerifyReport report) {
            inBackground.add(id);
        }
    }

    private static Snapshot sealedAt(String id, Instant at) {
        return new Snapshot(
                id, id, SnapshotState.COMPLETE, at, "test", at, at, at, 0, 0, 0, 0, null, List.of(), null, null);
    }

    private Scrubber started(long bytesPerSecond, Map<String, Verification> known) {
        HubConfig plain = HubConfig.withDefaults(shared, 0);
        HubConfig config =
                new HubConfig(
                        plain.snapshotDirectory(),
                        plain.host(),
                        0,
                        null,
                        1,
                        plain.streamCredit(),
                        plain.syncInterval(),
                        plain.syncBytes(),
                        plain.reserveFree(),
                        new DataSize(bytesPerSecond),
                        Duration.ofSeconds(1),
                        plain.tls(),
                        plain.insecure(),
                        plain.laneMemory(),
                        plain.nodePatience());
        return onContext(() -> {
            Scrubber scrubber = new Scrubber(vertx, targets, config, () -> NOW);
            scrubber.start(known);
            return scrubber;
        });
    }

    private <T> T onContext(Supplier<T> step) {
        Promise<T> done = Promise.promise();
        context.runOnContext(nothing -> done.complete(step.get()));
        return done.future().await();
    }

    private ScrubStatus status(Scrubber scrubber) {
        return onContext(scrubber::status);
    }

    @Test
    void shouldTakeTheLongestUnverifiedFirstAndEachOnce() {
        targets.snapshots =
                List.of(
                        sealedAt("young", NOW.minusSeconds(60)),
                        sealedAt("new", NOW),
                        sealedAt("old", NOW.minusSeconds(900)),
                        sealedAt("verified", NOW.minusSeconds(9_000)));
        Verification earlier = new Verification(NOW.minusSeconds(300), true, 0, null);
        Scrubber scrubber = started(FAST, Map.of("verified", earlier));

        await().until(() -> targets.order.size() >= 3);

        assertThat(targets.order).containsExactly("old", "verified", "young");
        await().untilAsserted(() -> assertThat(targets.inBackground).containsExactly("old", "verified", "young"));
        assertThat(status(scrubber).oldestAgeSeconds()).isZero();
        assertThat(status(scrubber).finished()).containsEntry("intact", 3L);
    }

    @Test
    void shouldKeepToTheRate() {
        targets.snapshots = List.of(sealedAt("one", NOW.minusSeconds(900)));
        long startedNs = System.nanoTime();
        Scrubber scrubber = started(SLOW, Map.of());

        await().until(() -> !targets.order.isEmpty());

        double seconds = (System.nanoTime() - startedNs) / 1e9;
        assertThat(status(scrubber).bytesRead() / seconds).isLessThanOrEqualTo(SLOW);
    }

    @Test
    void shouldNotReadWhileSnapshotsAreTaken() {
        targets.snapshots = List.of(sealedAt("one", NOW.minusSeconds(900)));
        Scrubber scrubber = started(SLOW, Map.of());
        await().until(() -> status(scrubber).bytesRead() > 0);

        targets.busy = true;
        onContext(() -> {
            scrubber.busyChanged();
            return true;
        });
        // What was being read then comes to its end first.
        long atMost = await().during(Duration.ofMillis(300)).until(() -> status(scrubber).bytesRead(), bytes -> true);
        await().during(Duration.ofMillis(1_200)).until(() -> targets.order.isEmpty());
        assertThat(status(scrubber).bytesRead()).isEqualTo(atMost);
        assertThat(status(scrubber).running()).isEqualTo("one");

        targets.busy = false;
        await().until(() -> !targets.order.isEmpty());
    }

    @Test
    void shouldAbandonWhatIsDeletedWithoutAResult() {
        targets.snapshots = List.of(sealedAt("one", NOW.minusSeconds(900)));
        Scrubber scrubber = started(SLOW, Map.of());
        await().until(() -> status(scrubber).bytesRead() > 0);

        onContext(() -> {
            scrubber.leave("one");
            targets.snapshots = List.of();
            return true;
        });

        await().until(() -> status(scrubber).running() == null);
        assertThat(status(scrubber).finished()).containsEntry("abandoned", 1L).containsEntry("failed", 0L);
        assertThat(targets.order).isEmpty();
    }

    @Test
    void shouldStopPromptly() {
        targets.snapshots = List.of(sealedAt("one", NOW.minusSeconds(900)));
        Scrubber scrubber = started(SLOW, Map.of());
        await().until(() -> status(scrubber).bytesRead() > 0);
        targets.busy = true;

        Future<Void> stopped = onContext(scrubber::stop);

        await().until(stopped::succeeded);
        assertThat(targets.order).as("it did not come to its end first").isEmpty();
    }

    @Test
    void shouldDoNothingWhereTheRateIsZero() {
        targets.snapshots = List.of(sealedAt("one", NOW.minusSeconds(900)));
        Scrubber scrubber = started(0, Map.of());

        await().during(Duration.ofMillis(500)).until(() -> status(scrubber).bytesRead() == 0);
        assertThat(targets.order).isEmpty();
    }
}
