package io.hindsight.hub.scrub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.ScrubStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Verification;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.DataSize;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running Hub on real files, whose clock a test turns: what was damaged on disk is found at the next round, told and remembered. */
class ScrubbedHubTest {
    private static final Duration INTERVAL = Duration.ofSeconds(60);

    @TempDir private Path folder = Path.of("");

    private final AtomicLong aheadMs = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plusMillis(aheadMs.get());

    private TestHub hub() {
        HubConfig plain = TestHub.config(folder, 32, 32L << 20);
        HubConfig config =
                new HubConfig(
                        plain.snapshotDirectory(),
                        plain.host(),
                        plain.port(),
                        null,
                        plain.maxConcurrentSnapshots(),
                        plain.streamCredit(),
                        plain.syncInterval(),
                        plain.syncBytes(),
                        plain.reserveFree(),
                        new DataSize(1L << 30),
                        INTERVAL,
                        plain.tls(),
                        plain.insecure(),
                        plain.laneMemory(),
                        plain.nodePatience());
        return new TestHub(config, clock);
    }

    private void turnClock() {
        aheadMs.addAndGet(INTERVAL.toMillis());
    }

    private Snapshot seal(TestHub hub, String name) {
        return hub.ended(hub.create(TestHub.everything(name)).id());
    }

    private static ScrubStatus status(TestHub hub) {
        return hub.ask(SnapshotAction.SCRUB_STATUS, new JsonObject(), ScrubStatus.class);
    }

    private Verification verification(TestHub hub, String id) {
        return await().until(() -> hub.get(id).verification(), Objects::nonNull);
    }

    private long flip(String id) throws IOException {
        ImmutableFlag.clearTree(folder.resolve(id));
        Path file = folder.resolve(id).resolve("node-1.pcapng");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] content = Files.readAllBytes(file);
        long at = content.length / 2;
        Files.write(file, Mutations.flipBit(content, at * Byte.SIZE));
        return at;
    }

    private static boolean saysDamaged(JsonObject event) {
        JsonObject verification = event.getJsonObject("snapshot", new JsonObject()).getJsonObject("verification");
        return verification != null && !verification.getBoolean("intact");
    }

    @Test
    void shouldFindAndTellAndRememberDamage() throws IOException {
        String id;
        long at;
        try (TestHub hub = hub()) {
            hub.agent("node-1", TestChunks.packets("node-1", 6, 20));
            id = seal(hub, "rots").id();
            at = flip(id);

            turnClock();

            Verification found = verification(hub, id);
            assertThat(found.intact()).isFalse();
            assertThat(found.violationCount()).isEqualTo(1);
            assertThat(found.first())
                    .isNotNull()
                    .satisfies(violation -> {
                        assertThat(violation.file()).isEqualTo("node-1.pcapng");
                        assertThat(violation.offset()).isEqualTo(at);
                        assertThat(violation.chunk()).isNotNull();
                    });
            assertThat(status(hub).damagedSnapshots()).isEqualTo(1);
            assertThat(status(hub).bytesRead()).isPositive();
            assertThat(status(hub).finished().get("damaged")).isPositive();
            await().untilAsserted(() -> assertThat(hub.events).anyMatch(event -> saysDamaged(event.body())));
            assertThat(folder.resolve(id)).isDirectoryNotContaining("glob:**verif*");
        }
        try (TestHub again = hub()) {
            assertThat(verification(again, id).first()).isNotNull();
            again.delete(id);
            await().untilAsserted(() -> assertThat(folder.resolve(".verifications")).isEmptyDirectory());
        }
    }

    @Test
    void shouldSayThatASoundSnapshotIsIntact() {
        try (TestHub hub = hub()) {
            hub.agent("node-1", TestChunks.packets("node-1", 6, 20));
            Snapshot sealed = seal(hub, "sound");
            assertThat(sealed.verification()).isNull();

            turnClock();

            assertThat(verification(hub, sealed.id()).intact()).isTrue();
            assertThat(status(hub).oldestAgeSeconds()).isLessThan((double) INTERVAL.toSeconds());
        }
    }

    @Test
    void shouldBeginAnewWhereARecordIsBroken() throws IOException {
        String id;
        try (TestHub hub = hub()) {
            hub.agent("node-1", TestChunks.packets("node-1", 2, 5));
            id = seal(hub, "forgotten").id();
            hub.verify(id);
            await().until(() -> Files.exists(folder.resolve(".verifications").resolve(id + ".json")));
        }
        Path record = folder.resolve(".verifications").resolve(id + ".json");
        for (String content : List.of("", "{", "[]", "null", "{\"at\":7}", "{\"intact\":true}", "x".repeat(100_000))) {
            Files.writeString(record, content);
            try (TestHub hub = hub()) {
                assertThat(hub.get(id).state().sealed()).isTrue();
            }
        }
    }

    @Test
    void shouldTakeOutcomesOfVerificationsThatWereAskedFor() throws IOException {
        try (TestHub hub = hub()) {
            hub.agent("node-1", TestChunks.packets("node-1", 3, 5));
            String id = seal(hub, "asked").id();
            hub.verify(id);
            assertThat(verification(hub, id).intact()).isTrue();

            flip(id);
            hub.verify(id);
            assertThat(verification(hub, id).intact()).isFalse();
        }
    }
}
