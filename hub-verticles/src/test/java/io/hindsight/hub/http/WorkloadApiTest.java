package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.hindsight.api.AddressPage;
import io.hindsight.api.HeldAddress;
import io.hindsight.api.NodeShortfall;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Workload;
import io.hindsight.api.WorkloadPage;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsAnswer.KnownObject;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.SnapshotResolution;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.hub.testing.OsEvents;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /workloads} and {@code /ips}, of sealed snapshots and live, on the real Hub over real HTTP. */
final class WorkloadApiTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long START_S = TestChunks.START_NS / SECOND_NS;
    private static final String CLIENT = "10.1.0.7:40000";
    private static final String SERVER = "10.1.0.8:8080";

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    private static FixtureEntry entry(long timeNs, Record event) {
        String json = new String(EventEntry.json(event), StandardCharsets.UTF_8);
        return new FixtureEntry(timeNs, Map.of("HINDSIGHT_JSON", json, "MESSAGE", "x"));
    }

    private static FixtureEntry entry(KubernetesChange change) {
        return entry(change.receivedNs(), change);
    }

    private static FixtureEntry entry(OsEvent event) {
        return entry(event.timeNs(), event);
    }

    /** Two pods have an address one after the other; a process of the first one connects. */
    private static List<byte[]> node() {
        ChunkFixtures fixtures = ChunkFixtures.node("node-1");
        List<byte[]> chunks = new ArrayList<>(TestChunks.packets("node-1", 1, 10));
        chunks.add(
                fixtures.sequence(1)
                        .journal(
                                ChunkSource.KUBERNETES,
                                List.of(
                                        entry(pod("web-1", "10.1.0.7", START_S + 1)),
                                        entry(KubernetesChanges.deleted("Pod", "web-1", START_S + 5)),
                                        entry(pod("web-2", "10.1.0.7", START_S + 7)),
                                        new FixtureEntry(
                                                TestChunks.START_NS + 8 * SECOND_NS, Map.of("MESSAGE", "no event")))));
        chunks.add(
                fixtures.sequence(1)
                        .journal(
                                ChunkSource.OS,
                                List.of(
                                        entry(
                                                OsEvents.program(
                                                        OsEvent.Kind.EXEC,
                                                        START_S + 1,
                                                        OsEvents.process(20, 1, "curl"),
                                                        "curl",
                                                        "/")),
                                        entry(
                                                OsEvents.event(
                                                        OsEvent.Kind.CONNECT,
                                                        START_S + 2,
                                                        OsEvents.process(20, 1, "curl"),
                                                        OsEvents.socket(CLIENT, SERVER, "ESTABLISHED"),
                                                        OsEvents.container("web-1"))))));
        return chunks;
    }

    private static KubernetesChange pod(String name, String address, long startS) {
        return KubernetesChanges.whole(
                KubernetesChange.Kind.ADDED,
                "Pod",
                name,
                startS + 1,
                KubernetesChanges.pod(name, address, startS, Map.of("app", "web", "pod", name)));
    }

    private static List<byte[]> cluster() {
        return List.of(
                ChunkFixtures.node("cluster")
                        .sequence(1)
                        .journal(
                                ChunkSource.KUBERNETES,
                                List.of(
                                        entry(
                                                KubernetesChanges.whole(
                                                        KubernetesChange.Kind.ADDED,
                                                        "Service",
                                                        "web",
                                                        START_S + 1,
                                                        Map.of("spec", Map.of("clusterIP", "10.96.0.1")))))));
    }

    private Snapshot sealed() {
        return sealed(hub);
    }

    private static Snapshot sealed(TestHub hub) {
        hub.agent("node-1", node());
        hub.agent("cluster", cluster());
        return hub.ended(hub.create(TestHub.everything("names")).id());
    }

    private <T> T ask(String path, Class<T> type) {
        HttpResponse<byte[]> answer = api.get("/api/v1" + path);
        assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(200);
        return JsonMapping.fromJson(json(answer), type);
    }

    private static String at(long second) {
        return EpochNanos.format((START_S + second) * SECOND_NS);
    }

    @Test
    void shouldSealWhoHadWhatAndTellIt() {
        String id = sealed().id();
        String snapshot = "/snapshots/" + id;

        assertThat(folder.resolve(id).resolve("resolution.json")).exists();
        assertThat(hub.verify(id).intact()).isTrue();
        assertThat(ask(snapshot + "/workloads", WorkloadPage.class).workloads())
                .extracting(Workload::type, Workload::name, Workload::addresses)
                .containsExactly(
                        tuple("Service", "web", List.of("10.96.0.1")),
                        tuple("Pod", "web-1", List.of("10.1.0.7")),
                        tuple("Pod", "web-2", List.of("10.1.0.7")));
        AddressPage addresses = ask(snapshot + "/ips?type=pod", AddressPage.class);
        assertThat(addresses.addresses())
                .extracting(held -> held.holder().name(), HeldAddress::from, HeldAddress::to)
                .containsExactly(
                        tuple("web-1", Instant.parse(at(1)), Instant.parse(at(5))),
                        tuple("web-2", Instant.parse(at(7)), null));
        assertThat(addresses.omitted()).containsEntry("records", 1L);
    }

    @Test
    void shouldFilterAndPage() {
        String snapshot = "/snapshots/" + sealed().id();

        assertThat(names(snapshot + "/workloads?name=%5Eweb-%5B12%5D%24")).containsExactly("web-1", "web-2");
        assertThat(names(snapshot + "/workloads?label=app%3Dweb&label=pod%3Dweb-2")).containsExactly("web-2");
        assertThat(names(snapshot + "/workloads?label=a%26b%3Dc%26d")).isEmpty();
        assertThat(names(snapshot + "/workloads?namespace=none&namespace=shop&type=Service")).containsExactly("web");
        assertThat(names(snapshot + "/workloads?type=Pod&at=" + at(3))).containsExactly("web-1");
        assertThat(names(snapshot + "/workloads?type=Pod&from=" + at(6))).containsExactly("web-2");
        WorkloadPage page = ask(snapshot + "/workloads?limit=1&offset=1", WorkloadPage.class);
        assertThat(page.total()).isEqualTo(3);
        assertThat(page.workloads()).extracting(Workload::name).containsExactly("web-1");
    }

    private List<String> names(String path) {
        return ask(path, WorkloadPage.class).workloads().stream().map(Workload::name).toList();
    }

    @Test
    void shouldRefuseWhatCannotBeAsked() {
        String snapshot = "/api/v1/snapshots/" + sealed().id();

        assertProblem(api.get(snapshot + "/workloads?name=("), 400, "INVALID_REQUEST", "name");
        assertProblem(api.get(snapshot + "/workloads?name=" + "x".repeat(257)), 400, "INVALID_REQUEST", "name");
        assertProblem(api.get(snapshot + "/ips?limit=1001"), 400, "INVALID_REQUEST", "limit");
        assertProblem(api.get(snapshot + "/ips?label=%3Dx"), 400, "INVALID_REQUEST", "label");
        assertProblem(api.get(snapshot + "/ips?at=" + at(1) + "&to=" + at(2)), 400, "INVALID_REQUEST", "at");
        assertProblem(api.get(snapshot + "/ips?from=" + at(2) + "&to=" + at(1)), 400, "INVALID_WINDOW", null);
        assertProblem(api.get("/api/v1/snapshots/20261122-210000-aaaaaa/ips"), 404, "SNAPSHOT_NOT_FOUND", "id");
    }

    @Test
    void shouldResolveTheSameWithAndWithoutTheStoredFile() throws IOException {
        String id = sealed().id();
        Resolution stored = SnapshotResolution.read(SealedSnapshot.open(folder.resolve(id)));
        Path volume = Files.createDirectory(folder.resolve("older"));
        try (TestHub older =
                new TestHub(TestHub.config(volume, 4, 8L << 20), TestHub.SHORT, Clock.systemUTC(), List.of())) {
            SealedSnapshot snapshot = SealedSnapshot.open(volume.resolve(sealed(older).id()));
            assertThat(snapshot.derivedFile(DerivedFile.RESOLUTION)).isEmpty();

            Resolution made = SnapshotResolution.read(snapshot);

            assertThat(made.workloads()).isEqualTo(stored.workloads());
            assertThat(made.addresses()).isEqualTo(stored.addresses());
            assertThat(made.omitted()).isEqualTo(stored.omitted());
            assertThat(client(made)).isEqualTo(client(stored)).isEqualTo("curl");
        }
    }

    private static @Nullable String client(Resolution resolution) {
        return resolution
                .owner(
                        "node-1",
                        6,
                        new InetSocketAddress(InetAddress.ofLiteral("10.1.0.7"), 40_000),
                        new InetSocketAddress(InetAddress.ofLiteral("10.1.0.8"), 8_080),
                        (START_S + 2) * SECOND_NS,
                        (START_S + 3) * SECOND_NS)
                .map(Resolution.SocketOwner::command)
                .orElse(null);
    }

    @Test
    void shouldKnowNothingOfASnapshotWithoutEvents() {
        hub.agent("node-1", TestChunks.packets("node-1", 2, 10));
        Snapshot snapshot = hub.ended(hub.create(TestHub.everything("packets")).id());

        assertThat(folder.resolve(snapshot.id()).resolve("resolution.json")).doesNotExist();
        assertThat(ask("/snapshots/" + snapshot.id() + "/ips", AddressPage.class).total()).isZero();
    }

    /** An agent that has so many pods of each page, each with an address; one has ended. */
    private void liveAgent(String node, int pods, int pageSize) {
        List<KnownObject> objects =
                IntStream.range(0, pods)
                        .mapToObj(i -> {
                            String name = "%s-pod-%04d".formatted(node, i);
                            return new KnownObject(
                                    name,
                                    "v1",
                                    "Pod",
                                    "shop",
                                    name,
                                    "uid-" + name,
                                    KubernetesChanges.pod(name, "10.9." + i / 200 + "." + i % 200, 100),
                                    100 * SECOND_NS,
                                    i == 0 ? (Long) (200 * SECOND_NS) : null);
                        })
                        .toList();
        hub.vertx()
                .eventBus()
                .<JsonObject>consumer(
                        Addresses.agent(new NodeId(node)),
                        message -> {
                            KnownObjectsRequest request =
                                    JsonMapping.fromJson(message.body(), KnownObjectsRequest.class);
                            int from = request.after() == null ? 0 : Integer.parseInt(request.after());
                            int to = Math.min(objects.size(), from + pageSize);
                            message.reply(
                                    JsonMapping.toJson(
                                            new KnownObjectsAnswer(
                                                    objects.subList(from, to),
                                                    to == objects.size() ? null : String.valueOf(to),
                                                    objects.size() - to,
                                                    true,
                                                    null)));
                        });
        heartbeat(node, "kubernetes");
    }

    private void heartbeat(String node, String source) {
        SourceStatus status =
                new SourceStatus(
                        source, source, true, null, 0, 0, 0, 0, Map.of(), null, null, 0, 0, 0, null, List.of(), 0, null,
                        null, List.of());
        NodeStatus beat = new NodeStatus(node, "i", "9.8.7", Instant.now(), Instant.now(), List.of(status), null, null);
        hub.vertx().eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(beat)).await();
    }

    @Test
    void shouldTellWhatAllAgentsKnowNow() {
        liveAgent("node-1", 30, 7);
        liveAgent("node-2", 3, 500);
        heartbeat("packets-only", "packets");

        WorkloadPage page = ask("/workloads?limit=1000", WorkloadPage.class);

        assertThat(page.incomplete()).isNull();
        assertThat(page.total()).as("one of each has ended").isEqualTo(31);
        assertThat(ask("/workloads?limit=1000&from=1970-01-01T00:00:00Z", WorkloadPage.class).total()).isEqualTo(33);
        assertThat(ask("/ips?name=node-1-pod-0029", AddressPage.class).addresses())
                .extracting(HeldAddress::address)
                .containsExactly("10.9.0.29");
    }

    @Test
    void shouldNameNodesThatDidNotAnswer() {
        liveAgent("node-1", 3, 500);
        heartbeat("silent", "kubernetes");
        hub.vertx()
                .eventBus()
                .<JsonObject>consumer(
                        Addresses.agent(new NodeId("failing")),
                        message -> message.fail(ErrorCode.INTERNAL.number(), "broken"));
        heartbeat("failing", "kubernetes");
        hub.vertx()
                .eventBus()
                .<JsonObject>consumer(
                        Addresses.agent(new NodeId("garbage")),
                        message ->
                                message.reply(
                                        new JsonObject("{\"objects\":[{\"key\":1}],\"left\":0,\"complete\":true}")));
        heartbeat("garbage", "kubernetes");
        hub.vertx()
                .eventBus()
                .<JsonObject>consumer(
                        Addresses.agent(new NodeId("young")),
                        message ->
                                message.reply(
                                        JsonMapping.toJson(new KnownObjectsAnswer(List.of(), null, 0, false, null))));
        heartbeat("young", "kubernetes");

        WorkloadPage page = ask("/workloads", WorkloadPage.class);

        assertThat(page.workloads()).hasSize(2);
        assertThat(page.incomplete())
                .extracting(NodeShortfall::node)
                .containsExactlyInAnyOrder("silent", "failing", "garbage", "young");
        assertThat(page.incomplete())
                .extracting(NodeShortfall::reason)
                .anyMatch(reason -> reason.contains("broken"))
                .anyMatch(reason -> reason.contains("cannot be read"))
                .anyMatch(reason -> reason.contains("has not seen all objects"));
    }
}
