package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.hub.custody.CustodyLog;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code custody}, {@code snapshot lock} and {@code retention}. */
class CustodyCommandsTest {
    @TempDir private Path data = Path.of("");

    private Path writtenLog() throws IOException {
        Path volume = Files.createDirectory(data.resolve("snapshots"));
        Vertx vertx = Vertx.vertx();
        CustodyLog log = new CustodyLog(vertx, volume, Clock.systemUTC());
        log.open().await();
        for (int i = 0; i < 3; i++) {
            log.append(
                            new CustodyEvent(
                                    CustodyAction.DELETE,
                                    "id-" + i,
                                    "name",
                                    "alice",
                                    null,
                                    CustodyOutcome.DONE,
                                    null,
                                    Map.of()))
                    .await();
        }
        log.close().await();
        vertx.close().await();
        return volume.resolve(".custody").resolve("custody-%020d.jsonl".formatted(1));
    }

    @Test
    void shouldVerifyALogWithoutAHubAndNameTheFirstBrokenLine() throws IOException {
        Path file = writtenLog();
        for (Path path : new Path[] {file, file.resolveSibling("."), data.resolve("snapshots"), data}) {
            Program sound = Program.run("custody", "verify", path.toString());
            assertThat(sound.exit()).as(sound.err()).isZero();
            assertThat(sound.out()).contains("intact: 3 lines");
        }

        Files.writeString(file, Files.readString(file).replace("id-1", "id-7"));

        Program broken = Program.run("custody", "verify", data.toString());
        assertThat(broken.exit()).isEqualTo(3);
        assertThat(broken.out()).contains("VIOLATED").contains("CHANGED").contains("line=2 sequence=2");
        JsonObject report = new JsonObject(Program.run("custody", "verify", file.toString(), "--json").out());
        assertThat(report.getJsonObject("fault").getString("kind")).isEqualTo("CHANGED");
        assertThat(Program.run("custody", "verify", data.resolve("nothing").toString()).exit()).isEqualTo(1);
    }

    @Test
    void shouldListWhoDidWhat() throws IOException {
        String entry =
                """
                {"sequence":7,"time":"2026-01-01T00:00:00Z","action":"EXPORT","snapshot":"abc-1","who":"alice",
                "from":"10.0.0.9","outcome":"DONE","details":{"bytes":"12"},"previous":"p","digest":"d"}\
                """;
        try (HubStub hub = new HubStub()) {
            hub.on(
                    "GET /custody",
                    200,
                    "{\"entries\":[" + entry + "],\"next\":7,\"unreadable\":0,\"sequence\":7,\"digest\":\"d\"}");

            Program listed = Program.run("custody", "list", "--action", "export", "--limit", "1", "--hub", hub.url());

            assertThat(listed.out()).contains("EXPORT", "abc-1", "alice", "10.0.0.9", "bytes=12");
            assertThat(listed.err()).contains("--before 7");
            assertThat(hub.requests().getFirst().line()).isEqualTo("GET /api/v1/custody?action=EXPORT&limit=1");
        }
    }

    @Test
    void shouldLockUntilATimeOrForALengthOfTime() throws IOException {
        String snapshot =
                """
                {"id":"abc-1","name":"outage","state":"COMPLETE","createdBy":"local","bytes":1,"packets":1,"records":0,"chunks":1,
                "createdAt":"2026-01-01T00:00:00Z","from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:05:00Z","nodes":[],
                "lockUntil":"2100-01-01T00:00:00Z"}\
                """;
        try (HubStub hub = new HubStub()) {
            hub.on("GET /snapshots", 200, "{\"snapshots\":[" + snapshot + "],\"total\":1,\"limit\":1000,\"offset\":0}");
            hub.on("PUT /snapshots/abc-1/lock", 200, snapshot);

            Program locked =
                    Program.run("snapshot", "lock", "outage", "--until", "2100-01-01T00:00:00Z", "--hub", hub.url());
            assertThat(locked.exit()).as(locked.err()).isZero();
            assertThat(locked.out()).contains("COMPLETE LOCKED").contains("locked   until 2100-01-01T00:00:00Z");
            assertThat(hub.requests().getLast().body()).isEqualTo("{\"until\":\"2100-01-01T00:00:00Z\"}");

            Program.run("snapshot", "lock", "outage", "--until", "7d", "--hub", hub.url());
            Instant until = Instant.parse(new JsonObject(hub.requests().getLast().body()).getString("until"));
            assertThat(Duration.between(Instant.now(), until)).isBetween(Duration.ofDays(6), Duration.ofDays(7));

            hub.on(
                    "PUT /snapshots/abc-1/lock",
                    423,
                    "{\"code\":\"SNAPSHOT_LOCKED\",\"detail\":\"It is locked until=2100.\"}");
            Program refused = Program.run("snapshot", "lock", "outage", "--until", "1d", "--hub", hub.url());
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("SNAPSHOT_LOCKED: It is locked until=2100.");
            assertThat(Program.run("snapshot", "lock", "outage", "--until", "soon", "--hub", hub.url()).exit())
                    .isEqualTo(2);
        }
    }

    @Test
    void shouldShowWhatRulesOfRetentionWouldDelete() throws IOException {
        String plan =
                """
                {"retainFor":"30d","retainBytes":0,"inForce":false,"snapshots":2,"bytes":20,"locked":1,"lockedBytes":10,
                "due":[{"id":"abc-1","name":"outage","bytes":10,"sealedAt":"2026-01-01T00:00:00Z","rule":"retain-for",
                "dueAt":"2026-01-31T00:00:00Z"}],"next":[],"overBytes":0}\
                """;
        try (HubStub hub = new HubStub()) {
            hub.on("GET /retention", 200, plan);

            Program shown = Program.run("retention", "--retain-for", "30d", "--hub", hub.url());

            assertThat(shown.out()).contains("not in force").contains("abc-1").contains("retain-for").contains("now");
            assertThat(hub.requests().getFirst().line()).isEqualTo("GET /api/v1/retention?retainFor=30d");
        }
    }
}
