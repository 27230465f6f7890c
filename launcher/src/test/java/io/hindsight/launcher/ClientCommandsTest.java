package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientCommandsTest {
    private static final String TIMES =
            "\"createdAt\":\"2026-01-01T00:00:00Z\",\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-01T00:05:00Z\"";

    @TempDir private Path directory = Path.of(".");

    private HubStub hub = stub();

    private static HubStub stub() {
        try {
            return new HubStub();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void listTwoSnapshots() {
        hub.on(
                "GET /snapshots",
                200,
                page(snapshot("abc-1", "outage", "COMPLETE"), snapshot("abd-2", "twin", "COMPLETE")));
    }

    @AfterEach
    void closeHub() {
        hub.close();
    }

    @Test
    void shouldPrintTheHubsOwnObjectsAsJson() {
        Program listed = Program.run("snapshot", "list", "--json", "--hub", hub.url());

        assertThat(listed.exit()).isZero();
        assertThat(new JsonObject(listed.out()).getJsonArray("snapshots")).hasSize(2);
        assertThat(listed.err()).isEmpty();
    }

    @Test
    void shouldRepeatTheStateParameterForEachState() {
        Program.run("snapshot", "list", "--state", "complete,PARTIAL", "--limit", "5", "--hub", hub.url());

        assertThat(hub.requests().getFirst().line())
                .isEqualTo("GET /api/v1/snapshots?state=COMPLETE&state=PARTIAL&limit=5");
    }

    @Test
    void shouldSayInOneLineHowToStartAHubWhereNoneAnswers() {
        hub.close();

        Program listed = Program.run("snapshot", "list", "--hub", hub.url());

        assertThat(listed.exit()).isEqualTo(5);
        assertThat(listed.out()).isEmpty();
        assertThat(listed.err().lines())
                .singleElement()
                .asString()
                .startsWith("hindsight: NOT_REACHABLE: No Hub answers at " + hub.url())
                .contains("connection refused", "hindsight up");
    }

    @Test
    void shouldShowAStackTraceOnlyForDebug() {
        hub.close();

        assertThat(Program.run("nodes", "--hub", hub.url(), "--debug").err()).contains("\tat io.hindsight");
    }

    @Test
    void shouldReportProblemsWithCodeAndField() {
        hub.on("POST /snapshots", 400, "{\"code\":\"INVALID_WINDOW\",\"detail\":\"Too long.\",\"field\":\"last\"}");

        Program created = Program.run("snapshot", "create", "--last", "99d", "--hub", hub.url());
        Program asJson = Program.run("snapshot", "create", "--last", "99d", "--json", "--hub", hub.url());

        assertThat(created.exit()).isEqualTo(2);
        assertThat(created.err()).isEqualTo("hindsight: INVALID_WINDOW: Too long. [field last]\n");
        assertThat(new JsonObject(asJson.err()).getMap())
                .containsEntry("code", "INVALID_WINDOW")
                .containsEntry("field", "last");
    }

    @Test
    void shouldSayThatAnythingElseIsNoHub() {
        hub.on("GET /nodes", 200, "<html>");

        assertThat(Program.run("nodes", "--hub", hub.url()).err()).contains("is not JSON: is it a Hindsight Hub?");
        assertThat(Program.run("snapshot", "show", "abc-1", "--hub", hub.url() + "/x").exit()).isEqualTo(1);
    }

    @Test
    void shouldSendTheTokenOfTheFile() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "s3cret\n");

        Program.run("snapshot", "list", "--token-file", token.toString(), "--hub", hub.url());

        assertThat(hub.requests().getFirst().authorization()).isEqualTo("Bearer s3cret");
    }

    @Test
    void shouldTakeATokenForTheApiFromAHubsTokenFile() throws IOException {
        Path tokens =
                Files.writeString(
                        directory.resolve("tokens"),
                        "# of the Hub\n\nagent:for-agents-alone\nagent@n1:for-one-agent\n alice:viewer:s3cret \nbare\n");

        Program.run("snapshot", "list", "--token-file", tokens.toString(), "--hub", hub.url());

        assertThat(hub.requests().getFirst().authorization()).isEqualTo("Bearer s3cret");
    }

    @Test
    void shouldRefuseATokenFileOfAgentsAlone() throws IOException {
        Path tokens = Files.writeString(directory.resolve("tokens"), "agent:for-agents-alone\n");

        Program refused = Program.run("nodes", "--token-file", tokens.toString(), "--hub", hub.url());

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("holds tokens of agents alone").doesNotContain("for-agents-alone");
    }

    @Test
    void shouldRefuseATokenFileThatCannotBeUsed() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));

        Program withEmpty = Program.run("nodes", "--token-file", empty.toString(), "--hub", hub.url());
        Program withAbsent = Program.run("nodes", "--token-file", directory + "/absent", "--hub", hub.url());

        assertThat(withEmpty.exit()).isEqualTo(2);
        assertThat(withEmpty.err()).contains("is empty");
        assertThat(withAbsent.exit()).isEqualTo(2);
        assertThat(withAbsent.err()).contains("absent cannot be read");
    }

    @ParameterizedTest
    @CsvSource({"abc-1", "abc", "outage"})
    void shouldFindASnapshotByIdStartAndName(String reference) {
        hub.on("GET /snapshots/abc-1", 200, snapshot("abc-1", "outage", "COMPLETE"));
        hub.on("GET /snapshots/abc-1/manifest", 200, "{\"nodes\":[{\"node\":\"node-1\"}]}");

        Program shown = Program.run("snapshot", "show", reference, "--hub", hub.url());

        assertThat(shown.err()).isEmpty();
        assertThat(shown.exit()).isZero();
        assertThat(shown.out()).startsWith("abc-1  COMPLETE  \"outage\"");
    }

    @Test
    void shouldRefuseAReferenceThatMeansSeveralOrNone() {
        Program several = Program.run("snapshot", "show", "ab", "--hub", hub.url());
        Program none = Program.run("snapshot", "delete", "zzz", "--hub", hub.url());

        assertThat(several.exit()).isEqualTo(2);
        assertThat(several.err()).contains("may mean 2 snapshots: abc-1, abd-2");
        assertThat(none.exit()).isEqualTo(1);
        assertThat(none.err()).contains("SNAPSHOT_NOT_FOUND", "\"zzz\"", "snapshot list");
    }

    @ParameterizedTest
    @CsvSource({"COMPLETE,0", "PARTIAL,4", "FAILED,1", "CANCELLED,1"})
    void shouldWaitForTheEndAndExitByIt(String state, int exit) {
        String running = snapshot("abc-1", "n", "STREAMING");
        String ended = snapshot("abc-1", "n", state);
        hub.on("POST /snapshots", 202, running)
                .on(
                        "GET /snapshots/abc-1",
                        exchange -> {
                            // Running when it is first asked for, ended once the events have said so.
                            long asked = hub.requests().stream().filter(each -> each.line().endsWith("abc-1")).count();
                            byte[] body = (asked == 1 ? running : ended).getBytes(StandardCharsets.UTF_8);
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        })
                .on(
                        "GET /events",
                        200,
                        ": hello\n\nevent: snapshot\ndata: {\"type\":\"snapshot\",\"snapshot\":" + ended + "}\n\n");

        Program created = Program.run("snapshot", "create", "--last", "5m", "--wait", "--hub", hub.url());

        assertThat(created.exit()).isEqualTo(exit);
        assertThat(created.out()).contains("abc-1  " + state);
        assertThat(created.err()).contains("abc-1 STREAMING", "abc-1 " + state);
    }

    @Test
    void shouldRequireAllNodesOnlyWhenTold() {
        hub.on("POST /snapshots", 202, snapshot("abc-1", "n", "STREAMING"));

        Program.run("snapshot", "create", "--last", "5m", "--hub", hub.url());
        Program.run("snapshot", "create", "--last", "5m", "--require-all", "--hub", hub.url());

        assertThat(hub.requests())
                .extracting(request -> new JsonObject(request.body()).getBoolean("requireAll"))
                .containsExactly(null, true);
    }

    @Test
    void shouldSayForWhomASnapshotWaits() {
        String node =
                "{\"node\":\"node-7\",\"state\":\"WAITING\",\"bytesExpected\":9,\"bytes\":1,\"bytesDurable\":1,\"packets\":1,"
                        + "\"records\":0,\"chunks\":1,\"drops\":{},\"gaps\":[],"
                        + "\"error\":{\"code\":\"AGENT_UNREACHABLE\",\"detail\":\"The lane broke.\"}}";
        String progress = "\"progress\":{\"bytesExpected\":9,\"bytesDone\":1,\"bytesDurable\":1,\"bytesPerSecond\":0}";
        String waiting =
                snapshot("abc-1", "n", "STREAMING").replace("\"nodes\":[]", progress + ",\"nodes\":[" + node + "]");
        hub.on("POST /snapshots", 202, waiting)
                .on("GET /events", 200, "data: {\"type\":\"node\"}\n\n")
                .on(
                        "GET /snapshots/abc-1",
                        exchange -> {
                            long asked = hub.requests().stream().filter(each -> each.line().endsWith("abc-1")).count();
                            byte[] body =
                                    (asked < 3 ? waiting : snapshot("abc-1", "n", "COMPLETE"))
                                            .getBytes(StandardCharsets.UTF_8);
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        });

        Program created = Program.run("snapshot", "create", "--last", "5m", "--wait", "--hub", hub.url());

        assertThat(created.err()).contains("waiting for node-7");
    }

    @Test
    void shouldAskAgainWhereTheEventsBreakOff() {
        hub.on("POST /snapshots", 202, snapshot("abc-1", "n", "STREAMING"))
                .on("GET /events", 200, "data: {\"type\":\"node\"}\n\n")
                .on(
                        "GET /snapshots/abc-1",
                        exchange -> {
                            long asked = hub.requests().stream().filter(each -> each.line().endsWith("abc-1")).count();
                            byte[] body =
                                    snapshot("abc-1", "n", asked < 3 ? "STREAMING" : "COMPLETE")
                                            .getBytes(StandardCharsets.UTF_8);
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        });

        Program created = Program.run("snapshot", "create", "--last", "5m", "--wait", "--json", "--hub", hub.url());

        assertThat(created.exit()).isZero();
        assertThat(new JsonObject(created.out()).getString("state")).isEqualTo("COMPLETE");
        assertThat(created.err()).isEmpty();
    }

    @Test
    void shouldSendWhatWasAskedFor() {
        hub.on("POST /snapshots", 202, snapshot("abc-1", "n", "REQUESTED"));

        Program.run(
                "snapshot",
                "create",
                "--from",
                "2026-01-01T00:00:00+01:00",
                "--to",
                "2026-01-01T00:00:00.000000001Z",
                "--nodes",
                "a,b",
                "--name",
                "x y",
                "--hub",
                hub.url());

        assertThat(new JsonObject(hub.requests().getFirst().body()))
                .isEqualTo(
                        new JsonObject(
                                "{\"from\":\"2025-12-31T23:00:00Z\",\"to\":\"2026-01-01T00:00:00.000000001Z\",\"name\":\"x y\",\"nodes\":[\"a\",\"b\"]}"));
    }

    @Test
    void shouldAskForAWindowAroundNow() {
        hub.on("POST /snapshots", 202, snapshot("abc-1", "n", "REQUESTED"));
        Instant before = Instant.now();

        Program.run("snapshot", "create", "--from", "-5m", "--to", "+10m", "--hub", hub.url());

        JsonObject asked = new JsonObject(hub.requests().getFirst().body());
        assertThat(asked.getInstant("from")).isBetween(before.minusSeconds(300), Instant.now().minusSeconds(300));
        assertThat(asked.getInstant("to")).isBetween(before.plusSeconds(600), Instant.now().plusSeconds(600));
    }

    @Test
    void shouldEndAWindowAndSayByWhom() {
        JsonObject ended =
                new JsonObject(snapshot("abc-1", "n", "STREAMING"))
                        .put(
                                "endedEarly",
                                new JsonObject(
                                        "{\"by\":\"anna\",\"at\":\"2026-01-01T00:00:00Z\",\"askedTo\":\"2026-01-01T08:00:00Z\"}"));
        hub.on("GET /snapshots/abc-1", 200, snapshot("abc-1", "n", "STREAMING"));
        hub.on("POST /snapshots/abc-1/end", 200, ended.encode());

        Program end = Program.run("snapshot", "end", "abc-1", "--hub", hub.url());

        assertThat(end.exit()).as(end.err()).isZero();
        assertThat(end.out()).contains("early by anna: it was to go on until 2026-01-01T08:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({"--nothing", "--last=5m --from=-1m", "--from=-1m", "--last=5x", "--from=yesterday --to=now"})
    void shouldRefuseAWindowThatIsNone(String options) {
        String[] arguments =
                Stream.concat(Stream.of("snapshot", "create", "--hub", hub.url()), Stream.of(options.split(" ", -1)))
                        .toArray(String[]::new);

        assertThat(Program.run(arguments).exit()).isEqualTo(2);
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void shouldShowADamagedSnapshotLoudly() {
        String damaged =
                snapshot("abc-1", "outage", "COMPLETE")
                        .replaceFirst(
                                "\\}$",
                                ",\"verification\":{\"at\":\"2026-01-02T00:00:00Z\",\"intact\":false,\"violationCount\":3,"
                                        + "\"first\":{\"kind\":\"CHANGED\",\"file\":\"a.pcapng\",\"chunk\":7,\"offset\":42,\"detail\":\"One bit.\"}}}");
        hub.on("GET /snapshots", 200, page(damaged));
        hub.on("GET /snapshots/abc-1", 200, damaged);

        assertThat(Program.run("snapshot", "list", "--hub", hub.url()).out()).contains("COMPLETE DAMAGED");
        assertThat(Program.run("snapshot", "show", "abc-1", "--hub", hub.url()).out())
                .contains("COMPLETE DAMAGED", "violations=3", "a.pcapng chunk 7 offset 42: CHANGED: One bit.");
    }

    @Test
    void shouldExitWithThreeWhereAnIntegrityIsViolated() {
        hub.on(
                "POST /snapshots/abc-1/verify",
                200,
                "{\"id\":\"abc-1\",\"intact\":false,\"files\":1,\"chunks\":1,\"bytes\":9,\"merkleRoot\":\"00\",\"durationMs\":1,"
                        + "\"violationCount\":101,\"violations\":[{\"kind\":\"CHANGED\",\"file\":\"a.pcapng\",\"chunk\":7,\"offset\":42,\"detail\":\"CRC differs.\"}]}");

        Program verified = Program.run("snapshot", "verify", "abc-1", "--hub", hub.url());

        assertThat(verified.exit()).isEqualTo(3);
        assertThat(verified.out())
                .contains("VIOLATED", "a.pcapng chunk 7 offset 42: CHANGED: CRC differs.", "and 100 more");
    }

    @Test
    void shouldExportToAFileThatIsWholeOrNotThere() throws IOException {
        hub.on("GET /snapshots/abc-1/pcap", 200, "PCAP");
        Path file = directory.resolve("out.pcapng");

        Program first = export(file.toString(), "--bpf", "udp port 53", "--nodes", "a,b");
        Program again = export(file.toString());
        Program forced = export(file.toString(), "--force");

        assertThat(first.exit()).isZero();
        assertThat(file).hasContent("PCAP");
        assertThat(hub.requests().get(1).line())
                .isEqualTo("GET /api/v1/snapshots/abc-1/pcap?nodes=a%2Cb&format=pcapng&bpf=udp+port+53");
        assertThat(again.exit()).isEqualTo(2);
        assertThat(again.err()).contains("exists. --force replaces it.");
        assertThat(forced.exit()).isZero();
    }

    @Test
    void shouldAskForNamesAsTheyAreGiven() {
        hub.on("GET /snapshots/abc-1/pcap", 200, "PCAP");

        Program exported =
                export(
                        "-",
                        "--with",
                        "checkpoints",
                        "--without=names,OS",
                        "--namespace",
                        "shop,payments",
                        "--pod",
                        "shop/a",
                        "--pod",
                        "b",
                        "--label",
                        "app=x",
                        "--service",
                        "s",
                        "--process",
                        "a,b c");

        assertThat(exported.exit()).isZero();
        assertThat(hub.requests().get(1).line())
                .isEqualTo(
                        "GET /api/v1/snapshots/abc-1/pcap?with=checkpoints&without=names%2Cos&namespace=shop&namespace=payments"
                                + "&pod=shop%2Fa&pod=b&label=app%3Dx&service=s&process=a%2Cb+c&format=pcapng");
    }

    @Test
    void shouldKeepNothingOfAnExportThatBreaksOff() throws IOException {
        hub.on(
                "GET /snapshots/abc-1/pcap",
                exchange -> {
                    exchange.sendResponseHeaders(200, 1_000_000);
                    exchange.getResponseBody().write(new byte[10_000]);
                    exchange.getResponseBody().flush();
                    hub.close();
                });

        Program exported = export(directory.resolve("out.pcapng").toString());

        assertThat(exported.exit()).isEqualTo(5);
        assertThat(exported.err()).contains("NOT_REACHABLE", "broke off", "Nothing was kept");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldWriteToTheOutputButNotToATerminal() {
        hub.on("GET /snapshots/abc-1/pcap", 200, "PCAP");

        Program piped = export("-");
        Program onTerminal = Program.runOnTerminal("snapshot", "export", "abc-1", "-o", "-", "--hub", hub.url());

        assertThat(piped.out()).isEqualTo("PCAP");
        assertThat(onTerminal.exit()).isEqualTo(2);
        assertThat(onTerminal.out()).isEmpty();
        assertThat(onTerminal.err()).contains("does not go to a terminal");
    }

    @Test
    void shouldRefuseWhatCannotBeExported() {
        assertThat(export("x", "--format", "cap").err()).contains("pcapng, pcap, ndjson");
        assertThat(export("x", "--format", "ndjson", "--bpf", "udp").exit()).isEqualTo(2);
        assertThat(export("x", "--with", "all").err()).contains("names, flows, os, kubernetes, capture, checkpoints");
        assertThat(export("x", "--with", "os", "--format", "pcap").err()).contains("format=pcap holds packets alone");
        assertThat(export("x", "--process", "pid:x").err()).contains("pid: and its number");
        assertThat(export(directory + "/absent/x").err()).contains("/absent does not exist");
        assertThat(Program.run("snapshot", "verify", directory + "/absent").err()).contains("SNAPSHOT_NOT_FOUND");
    }

    @Test
    void shouldSuggestWhatMayHaveBeenMeant() {
        assertThat(Program.run("snapshto").err()).contains("USAGE", "snapshot");
        assertThat(Program.run("snapshot", "craete").exit()).isEqualTo(2);
        assertThat(Program.run("up", "--storage-sise", "1Gi").err()).contains("--storage-size");
        assertThat(Program.run().exit()).isEqualTo(2);
    }

    private Program export(String file, String... more) {
        return Program.run(
                Stream.concat(Stream.of("snapshot", "export", "abc-1", "-o", file, "--hub", hub.url()), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static String page(String... snapshots) {
        return "{\"snapshots\":["
                + String.join(",", snapshots)
                + "],\"total\":"
                + snapshots.length
                + ",\"limit\":100,\"offset\":0}";
    }

    private static String snapshot(String id, String name, String state) {
        return "{\"id\":\""
                + id
                + "\",\"name\":\""
                + name
                + "\",\"state\":\""
                + state
                + "\","
                + TIMES
                + ",\"createdBy\":\"local\",\"bytes\":0,\"packets\":0,\"records\":0,\"chunks\":0,\"nodes\":[]}";
    }
}
