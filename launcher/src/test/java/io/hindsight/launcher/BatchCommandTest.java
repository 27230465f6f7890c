package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchCommandTest {
    @TempDir private Path directory = Path.of(".");

    private HubStub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new HubStub();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static String batch(boolean ended, String... states) {
        JsonArray items = new JsonArray();
        for (int i = 0; i < states.length; i++) {
            JsonObject item = new JsonObject().put("index", i).put("id", "s-" + i).put("state", states[i]);
            if (states[i].equals("FAILED")) {
                item.put("error", new JsonObject().put("code", "EMPTY_WINDOW").put("detail", "Nothing there."));
            }
            items.add(item);
        }
        return new JsonObject()
                .put("id", "batch-1")
                .put("createdAt", "2026-01-01T00:00:00Z")
                .put("createdBy", "local")
                .put("ended", ended)
                .put("states", new JsonObject())
                .put("bytes", 1_024)
                .put("bytesExpected", 2_048)
                .put("items", items)
                .encode();
    }

    private Program run(String content, String... options) throws IOException {
        Path file = Files.writeString(directory.resolve("requests"), content);
        String[] arguments = new String[5 + options.length];
        System.arraycopy(new String[] {"snapshot", "batch", file.toString(), "--hub", hub.url()}, 0, arguments, 0, 5);
        System.arraycopy(options, 0, arguments, 5, options.length);
        return Program.run(arguments);
    }

    private JsonArray asked() {
        return new JsonObject(hub.requests().getFirst().body()).getJsonArray("requests");
    }

    @Test
    void shouldSendALineOrAnItemOfAListEachAndMakeTimesOfWhatPeopleWrite() throws IOException {
        hub.on("POST /snapshots:batch", 202, batch(false, "REQUESTED", "REQUESTED"));
        String lines = "{\"from\": \"-10m\", \"to\": \"-5m\"}\n\n{\"last\": \"5m\", \"nodes\": [\"a\"]}\n";

        Program taken = run(lines, "--no-wait", "--name", "many", "--json");

        assertThat(taken.exit()).as(taken.err()).isZero();
        assertThat(new JsonObject(taken.out()).getString("id")).isEqualTo("batch-1");
        JsonArray asked = asked();
        Instant from = Instant.parse(asked.getJsonObject(0).getString("from"));
        assertThat(Duration.between(from, Instant.now())).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(12));
        assertThat(asked.getJsonObject(1))
                .isEqualTo(new JsonObject().put("last", "5m").put("nodes", new JsonArray().add("a")));

        hub.requests().clear();
        Program yaml =
                run(
                        "# two\n- {last: 5m, nodes: [a]}\n- from: 2026-01-01T00:00:00Z\n  to: 2026-01-01T00:05:00Z\n",
                        "--no-wait");
        assertThat(yaml.exit()).as(yaml.err()).isZero();
        assertThat(asked().getJsonObject(0)).isEqualTo(asked.getJsonObject(1));
        assertThat(asked().getJsonObject(1).getString("to")).isEqualTo("2026-01-01T00:05:00Z");
    }

    @ParameterizedTest
    @CsvSource({"COMPLETE,COMPLETE,0", "COMPLETE,PARTIAL,4", "PARTIAL,FAILED,1", "COMPLETE,CANCELLED,1"})
    void shouldWaitAndExitAsTheWorstOfThem(String one, String other, int exit) throws IOException {
        hub.on("POST /snapshots:batch", 202, batch(false, "STREAMING", "REQUESTED"));
        hub.on("GET /batches/batch-1", 200, batch(true, one, other));

        Program ended = run("- last: 5m\n- last: 6m\n");

        assertThat(ended.exit()).isEqualTo(exit);
        assertThat(ended.out()).contains("batch-1", "s-0", "s-1", one, other);
    }

    @Test
    void shouldNameAFileThatIsNotThere() {
        String missing = directory.resolve("missing.yaml").toString();

        Program refused = Program.run("snapshot", "batch", missing, "--hub", hub.url());

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains(missing + ": cannot be read (NoSuchFileException)");
    }

    @Test
    void shouldTellOfEveryRequestThatIsWrong() throws IOException {
        hub.on(
                "POST /snapshots:batch",
                400,
                new JsonObject()
                        .put("code", "INVALID_REQUEST")
                        .put("detail", "2 of requests=9 cannot be taken; the first: requests[1].from: too long.")
                        .put("field", "requests[1].from")
                        .put(
                                "items",
                                new JsonArray()
                                        .add(
                                                new JsonObject()
                                                        .put("item", 1)
                                                        .put("field", "from")
                                                        .put("detail", "too long."))
                                        .add(
                                                new JsonObject()
                                                        .put("item", 7)
                                                        .put("field", "nodes")
                                                        .put("detail", "unknown.")))
                        .encode());

        Program refused = run("- last: 5m\n");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("requests[1].from: too long.", "requests[7].nodes: unknown.");
    }

    @ParameterizedTest
    @CsvSource({
        "'- from: yesterday', requests[0].from",
        "'a: b', list of requests",
        "'{\"last\":', line 1",
        "'- [', YAML",
        "'[]', requests=0"
    })
    void shouldRefuseWhatIsNoListOfRequests(String content, String why) throws IOException {
        Program refused = run(content);

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains(why);
        assertThat(hub.requests()).isEmpty();
    }
}
