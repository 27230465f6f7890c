package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyReport;
import io.hindsight.config.DataSize;
import io.hindsight.config.HubConfig;
import io.hindsight.config.VolumeRules;
import io.hindsight.hub.custody.CustodyVerifier;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.IndependentVerifier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Custody log, locks, quota and retention of a real Hub, over HTTP. */
final class CustodyApiTest {
    @TempDir private Path folder = Path.of("");

    private final AtomicLong aheadMs = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plusMillis(aheadMs.get());

    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        start(VolumeRules.NONE, 3, 20);
    }

    private void start(VolumeRules rules) {
        start(rules, 3, 20);
    }

    private void start(VolumeRules rules, int chunks, int packets) {
        HubConfig config = TestHub.config(folder, 32, 32L << 20).withVolume(rules);
        hub = new TestHub(config, clock);
        api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS);
        hub.agent("node-1", TestChunks.packets("node-1", chunks, packets));
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    private void restart(VolumeRules rules) {
        stop();
        start(rules);
    }

    private String sealed(String name) {
        return hub.ended(hub.create(TestHub.everything(name)).id()).id();
    }

    private List<CustodyEntry> log(String query) {
        CustodyPage page = JsonMapping.fromJson(json(api.get("/api/v1/custody" + query)), CustodyPage.class);
        return page.entries().reversed();
    }

    private static List<String> lines(List<CustodyEntry> entries) {
        return entries.stream().map(entry -> entry.action() + " " + entry.outcome()).toList();
    }

    private static Map<String, String> details(CustodyEntry entry) {
        return Objects.requireNonNull(entry.details());
    }

    private HttpResponse<byte[]> lock(String id, Instant until) {
        return api.send(
                "PUT",
                "/api/v1/snapshots/" + id + "/lock",
                new JsonObject().put("until", until.toString()).encode(),
                "Content-Type",
                "application/json");
    }

    private HttpResponse<byte[]> delete(String id) {
        return api.send("DELETE", "/api/v1/snapshots/" + id, null);
    }

    private static String detail(HttpResponse<byte[]> problem) {
        return json(problem).getString("detail");
    }

    @Test
    void shouldRecordASnapshotsWholeLife() {
        HttpResponse<byte[]> created =
                api.post("/api/v1/snapshots", JsonMapping.toJson(TestHub.everything("life")).encode());
        String id = json(created).getString("id");
        hub.ended(id);
        assertThat(api.get("/api/v1/snapshots/" + id + "/pcap?format=pcap").statusCode()).isEqualTo(200);
        HttpResponse<byte[]> stored = api.get("/api/v1/snapshots/" + id + "/pcap");
        assertThat(api.send("HEAD", "/api/v1/snapshots/" + id + "/pcap", null).statusCode()).isEqualTo(200);
        assertThat(api.send("POST", "/api/v1/snapshots/" + id + "/verify", null).statusCode()).isEqualTo(200);
        SealedSnapshot onDisk = SealedSnapshot.open(folder.resolve(id));
        await().until(() -> log("?snapshot=" + id + "&action=EXPORT").size() == 4);
        assertThat(delete(id).statusCode()).isEqualTo(204);

        List<CustodyEntry> life = log("?snapshot=" + id);

        assertThat(lines(life))
                .containsExactly(
                        "CREATE BEGUN",
                        "SEAL DONE",
                        "EXPORT BEGUN",
                        "EXPORT DONE",
                        "EXPORT BEGUN",
                        "EXPORT DONE",
                        "VERIFY DONE",
                        "DELETE BEGUN",
                        "DELETE DONE");
        assertThat(life).extracting(CustodyEntry::who).containsOnly("local");
        assertThat(life).extracting(CustodyEntry::name).containsOnly("life");
        assertThat(life.get(0).from()).isEqualTo("127.0.0.1");
        assertThat(details(life.get(1)))
                .containsEntry("merkleRoot", onDisk.manifest().merkleRoot())
                .containsEntry("manifest", onDisk.manifest().digest());
        assertThat(details(life.get(2))).containsEntry("chosen", "format=pcap");
        assertThat(details(life.get(5)))
                .containsEntry("bytes", Integer.toString(stored.body().length))
                .containsEntry("ended", "whole");
        assertThat(details(life.get(6))).containsEntry("intact", "true");
        assertThat(Objects.requireNonNull(onDisk.manifest().custody()).sequence()).isEqualTo(life.get(0).sequence());
        assertThat(IndependentVerifier.custody(folder.resolve(".custody")).getBoolean("intact")).isTrue();
    }

    @Test
    void shouldProveTheLogByWhatIsSealedBesideIt() throws IOException {
        sealed("first");
        sealed("second");
        assertThat(CustodyVerifier.verify(folder).snapshots()).isEqualTo(2);
        assertThat(CustodyVerifier.verify(folder).fault()).isNull();
        api.close();
        hub.close();
        Path log = folder.resolve(".custody");
        Files.delete(log.resolve("head"));
        Files.delete(log.resolve("custody-%020d.jsonl".formatted(1)));
        start(VolumeRules.NONE);
        sealed("third");
        assertThat(CustodyVerifier.verify(folder).fault())
                .isNotNull()
                .satisfies(fault -> {
                    assertThat(fault.kind()).isEqualTo(CustodyReport.Kind.CHANGED);
                    assertThat(fault.detail()).contains("manifest of snapshot=");
                });
    }

    @Test
    void shouldFilterAndPage() {
        String first = sealed("first");
        String second = sealed("second");
        assertThat(log("?snapshot=" + second)).extracting(CustodyEntry::snapshot).containsOnly(second);
        assertThat(log("?action=SEAL")).extracting(CustodyEntry::snapshot).containsExactly(first, second);
        assertThat(log("?who=nobody")).isEmpty();
        assertThat(log("?from=2100-01-01T00:00:00Z")).isEmpty();
        assertThat(log("?to=2000-01-01T00:00:00Z")).isEmpty();
        assertThat(log("?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z")).hasSize(4);
        JsonObject page = json(api.get("/api/v1/custody?limit=3"));
        assertThat(page.getJsonArray("entries")).hasSize(3);
        assertThat(log("?before=" + page.getLong("next"))).extracting(CustodyEntry::sequence).containsExactly(1L);
        assertProblem(api.get("/api/v1/custody?limit=0"), 400, "INVALID_REQUEST", "limit");
    }

    @Test
    void shouldLetNobodyDeleteALockedSnapshotUntilItsTime() {
        String id = sealed("evidence");
        Instant until = Instant.parse("2100-01-01T00:00:00Z");

        assertThat(json(lock(id, until)).getString("lockUntil")).isEqualTo(until.toString());

        assertProblem(delete(id), 423, "SNAPSHOT_LOCKED", null);
        assertThat(detail(delete(id))).contains(until.toString());
        assertProblem(lock(id, until.minusSeconds(1)), 423, "SNAPSHOT_LOCKED", null);
        assertProblem(lock(id, Instant.parse("2000-01-01T00:00:00Z")), 400, "INVALID_REQUEST", "until");
        assertProblem(lock(id, Instant.parse("2999-01-01T00:00:00Z")), 400, "INVALID_REQUEST", "until");
        restart(VolumeRules.NONE);
        assertProblem(delete(id), 423, "SNAPSHOT_LOCKED", null);
        Instant later = until.plusSeconds(60);
        assertThat(lock(id, later).statusCode()).isEqualTo(200);
        assertThat(hub.get(id).lockUntil()).isEqualTo(later);
        assertThat(hub.verify(id).intact()).isTrue();
        assertThat(lines(log("?action=LOCK"))).containsExactly("LOCK DONE", "LOCK REFUSED", "LOCK DONE");
        assertThat(lines(log("?action=DELETE"))).hasSize(3).containsOnly("DELETE REFUSED");

        aheadMs.set(Duration.between(Instant.now(), later.plusSeconds(1)).toMillis());
        assertThat(delete(id).statusCode()).isEqualTo(204);
        // The lock's record goes after the snapshot, and nobody waits for it.
        await().untilAsserted(() -> assertThat(folder.resolve(".locks")).isEmptyDirectory());
    }

    @Test
    void shouldLockFromTheBeginningAndFailSafe() throws IOException {
        JsonObject request = JsonMapping.toJson(TestHub.everything("locked")).put("lockUntil", "2100-01-01T00:00:00Z");
        String id = json(api.post("/api/v1/snapshots", request.encode())).getString("id");
        hub.ended(id);
        assertProblem(delete(id), 423, "SNAPSHOT_LOCKED", null);
        String other = sealed("other");
        lock(other, Instant.now().plusSeconds(3_600));
        api.close();
        hub.close();
        Files.writeString(folder.resolve(".locks").resolve(other + ".json"), "{");
        start(VolumeRules.NONE);
        assertProblem(delete(id), 423, "SNAPSHOT_LOCKED", null);
        assertProblem(delete(other), 423, "SNAPSHOT_LOCKED", null);
        assertThat(hub.get(other).lockUntil()).isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
        assertProblem(
                api.post("/api/v1/snapshots", request.put("lockUntil", "2000-01-01T00:00:00Z").encode()),
                400,
                "INVALID_REQUEST",
                "lockUntil");
    }

    @Test
    void shouldDeleteByRuleWhatIsOldButNothingThatIsLocked() {
        String locked = sealed("locked");
        String old = sealed("old");
        lock(locked, Instant.parse("2100-01-01T00:00:00Z"));
        JsonObject plan = json(api.get("/api/v1/retention?retainFor=1h"));
        assertThat(plan.getBoolean("inForce")).isFalse();
        assertThat(plan.getJsonArray("due")).isEmpty();
        assertThat(plan.getJsonArray("next").getJsonObject(0).getString("id")).isEqualTo(old);
        for (String impossible : List.of("soon", "PT-5M", "999999999d", "36501d", "P999999999999D")) {
            assertProblem(api.get("/api/v1/retention?retainFor=" + impossible), 400, "INVALID_REQUEST", "retainFor");
        }
        assertProblem(api.get("/api/v1/retention?retainBytes=much"), 400, "INVALID_REQUEST", "retainBytes");
        assertThat(json(api.get("/api/v1/retention?retainBytes=1")).getJsonArray("due")).hasSize(1);
        aheadMs.set(Duration.ofHours(2).toMillis());

        restart(new VolumeRules(new DataSize(0), Duration.ofHours(1), new DataSize(0)));
        String young = sealed("young");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(log("?snapshot=" + old + "&action=DELETE"))
                                .extracting(CustodyEntry::who)
                                .containsExactly("rule:retain-for", "rule:retain-for"));
        assertThat(hub.all()).extracting(snapshot -> snapshot.id()).containsExactlyInAnyOrder(locked, young);
        assertThat(folder.resolve(old)).doesNotExist();
        assertThat(json(api.get("/api/v1/retention")).getInteger("locked")).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatTheQuotaDoesNotAllowWithTheNumbers() throws IOException {
        Path folderOfOne = folder.resolve(sealed("first"));
        long used;
        try (var files = Files.list(folderOfOne)) {
            used = files.mapToLong(file -> file.toFile().length()).sum();
        }
        long quota = 1L << 20;
        restart(new VolumeRules(new DataSize(quota), Duration.ZERO, new DataSize(0)));
        HttpResponse<byte[]> ready = api.get("/health/ready");
        JsonObject volume = json(ready).getJsonArray("checks").getJsonObject(0).getJsonObject("data");
        assertThat(volume.getLong("usedBytes")).isEqualTo(used);
        assertThat(volume.getLong("quotaBytes")).isEqualTo(quota);
        assertThat(volume.getString("level")).isEqualTo("OK");
        hub.agent("node-2", TestChunks.packets("node-2", 3, 20)).extraPlannedBytes = quota;

        HttpResponse<byte[]> refused =
                api.post("/api/v1/snapshots", JsonMapping.toJson(TestHub.everything("too much")).encode());

        assertProblem(refused, 507, "INSUFFICIENT_STORAGE", null);
        assertThat(detail(refused)).contains("quota=" + quota).contains("sealed snapshots=" + used);
        String metrics = new String(api.get("/metrics").body(), StandardCharsets.UTF_8);
        assertThat(metrics).contains("hindsight_volume_quota_bytes 1048576.0").contains("hindsight_custody_sequence ");
    }

    @Test
    void shouldWarnNearTheQuota() {
        stop();
        start(new VolumeRules(new DataSize(1L << 20), Duration.ZERO, new DataSize(0)), 40, 92);
        String id = sealed("large");
        assertThat(hub.get(id).bytes()).isBetween(850_000L, 1_000_000L);
        await().untilAsserted(() ->
                assertThat(hub.events)
                        .filteredOn(event -> "volume".equals(event.body().getString("type")))
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.body().getJsonObject("volume").getString("level"))
                                        .isEqualTo("WARNING")));
        hub.delete(id);
        await().untilAsserted(() ->
                assertThat(
                                hub.events.stream()
                                        .filter(event -> "volume".equals(event.body().getString("type")))
                                        .toList()
                                        .getLast()
                                        .body()
                                        .getJsonObject("volume")
                                        .getString("level"))
                        .isEqualTo("OK"));
    }

    @Test
    void shouldRefuseWhatCannotBeRecorded() throws IOException {
        String id = sealed("kept");
        Path log = folder.resolve(".custody");
        // The next line is begun in a file of this name: a folder of that name is in its way, as a broken disk would
        // be.
        String file = "custody-%020d.jsonl".formatted(1);
        api.close();
        hub.close();
        Files.move(log.resolve(file), folder.resolve("aside"));
        Files.delete(log.resolve("head"));
        Files.createDirectory(log.resolve(file));
        start(VolumeRules.NONE);

        assertProblem(delete(id), 500, "IO_FAILED", null);
        assertProblem(api.get("/api/v1/snapshots/" + id + "/pcap"), 500, "IO_FAILED", null);
        assertProblem(
                api.post("/api/v1/snapshots", JsonMapping.toJson(TestHub.everything("not begun")).encode()),
                500,
                "IO_FAILED",
                null);
        assertThat(folder.resolve(id)).isDirectory();
        assertThat(hub.verify(id).intact()).isTrue();

        Files.delete(log.resolve(file));
        assertThat(delete(id).statusCode()).isEqualTo(204);
    }
}
