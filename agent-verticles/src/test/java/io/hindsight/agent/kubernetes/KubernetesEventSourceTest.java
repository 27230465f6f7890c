package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.TestPods.MARKER;
import static io.hindsight.agent.kubernetes.TestPods.NODE;
import static io.hindsight.agent.kubernetes.TestPods.containerId;
import static io.hindsight.agent.kubernetes.TestPods.pod;
import static io.hindsight.agent.kubernetes.TestPods.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.hindsight.agent.kubernetes.FakeApiServer.Seen;
import io.hindsight.agent.kubernetes.RecordingSink.Recorded;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesEventSourceTest {
    /** How long the server is dead. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("hindsight.outage.seconds", 3));

    /** As agents have it, with shorter waits: a real server may be asked once a second, this one ten times. */
    private static final WatchPace PACE =
            new WatchPace(
                    Duration.ofMillis(100), Duration.ofMillis(800), Duration.ofMinutes(5), Duration.ofSeconds(2), 100);

    private static final int ENTRY_LENGTH = 128 << 10;

    private final Vertx vertx = Vertx.vertx();
    private final FakeApiServer server = new FakeApiServer(vertx);
    private RecordingSink sink = new RecordingSink(ENTRY_LENGTH, true);
    private @Nullable KubernetesEventSource source;

    private KubernetesEventSource start(boolean cluster) {
        KubernetesEventSource started =
                new KubernetesEventSource(access(server.url()), NODE, cluster, vertx, PACE, InstantSource.system());
        source = started;
        started.start(sink);
        return started;
    }

    static Config access(String url) {
        Config config = new ConfigBuilder(Config.empty()).withMasterUrl(url).build();
        config.setRequestRetryBackoffLimit(0);
        return config;
    }

    private void started(KubernetesEventSource running) {
        await().untilAsserted(() -> assertThat(running.problem()).isNull());
        await().until(() -> server.openWatches() > 0);
    }

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
            assertThat(source.isAlive()).isFalse();
        }
        server.close();
        FakeApiServer.result(vertx.close());
        assertThat(sink.recorded())
                .allSatisfy(one -> assertThat(one.bytes()).doesNotContain(MARKER).doesNotContain("managedFields"));
        assertThat(server.requests())
                .allSatisfy(one -> assertThat(one.path()).doesNotContain("secrets").doesNotContain("configmaps"));
    }

    @Test
    void shouldTellWhatIsThereInACheckpointAndThenEachChangeInOrder() {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        server.put(ResourceKind.POD, pod("shop", "checkout", "10.244.1.6"));
        JsonObject elsewhere = pod("shop", "elsewhere", "10.244.2.1");
        elsewhere.getJsonObject("spec").put("nodeName", "node-2");
        server.put(ResourceKind.POD, elsewhere);
        long beforeNs = EpochNanos.of(Instant.now());
        KubernetesEventSource running = start(false);
        started(running);

        server.put(ResourceKind.POD, pod("payments", "ledger", "10.244.1.7"));
        JsonObject failed = pod("shop", "cart", "10.244.1.5");
        failed.getJsonObject("status").put("phase", "Failed").putNull("podIP").remove("podIPs");
        failed.getJsonObject("metadata")
                .getJsonArray("managedFields")
                .getJsonObject(0)
                .put("time", "2026-11-22T21:09:00Z");
        server.put(ResourceKind.POD, failed);
        server.delete(ResourceKind.POD, "shop", "cart");
        server.put(ResourceKind.POD, pod("other", "tenant", "10.244.1.5"));
        await().until(() -> sink.changes().size() == 4);

        assertThat(sink.changes())
                .containsExactly(
                        "ADDED Pod payments/ledger",
                        "MODIFIED Pod shop/cart",
                        "DELETED Pod shop/cart",
                        "ADDED Pod other/tenant");
        assertCheckpoint(sink.recorded().subList(0, 4), "cart", "checkout");
        assertThat(sink.thread()).isEqualTo(KubernetesEventSource.THREAD);
        List<Long> times = sink.recorded().subList(3, 8).stream().map(Recorded::timeNs).toList();
        assertThat(times).isSorted().doesNotHaveDuplicates();
        assertThat(times.getFirst()).isBetween(beforeNs, times.getLast());
        assertThat(times.getLast()).isLessThanOrEqualTo(EpochNanos.of(Instant.now()) + 1_000_000);

        Recorded modified = sink.recorded().get(5);
        assertThat(Objects.requireNonNull(modified.change().patch()).get("status")).isEqualTo(removedAddress());
        assertThat(modified.change().serverTime()).isEqualTo(Instant.parse("2026-11-22T21:09:00Z"));
        assertThat(modified.fields())
                .containsEntry("MESSAGE", "Pod shop/cart was changed: status.podIP, status.podIPs, status.phase")
                .containsEntry("PRIORITY", "6")
                .containsEntry("SYSLOG_IDENTIFIER", "hindsight-kubernetes")
                .containsEntry("K8S_KIND", "Pod")
                .containsEntry("K8S_NAMESPACE", "shop")
                .containsEntry("K8S_NAME", "cart")
                .containsEntry("K8S_UID", uid("shop/cart"))
                .containsEntry("K8S_CHANGE", "modified");
        assertThat(sink.recorded().get(6).fields()).containsEntry("MESSAGE", "Pod shop/cart was deleted");
        assertThat(server.requests())
                .allSatisfy(one -> {
                    assertThat(one.path()).isEqualTo("/api/v1/pods");
                    assertThat(one.query()).containsEntry("fieldSelector", "spec.nodeName=" + NODE);
                });
        assertThat(running.pods().find(containerId("ledger"), null).orElseThrow().container()).isEqualTo("app");
        assertThat(running.pods().find("none", uid("other/tenant")).orElseThrow().pod()).isEqualTo("tenant");
        assertThat(lived(running, "10.244.1.5")).containsExactly("cart", "tenant");
    }

    private static Map<String, @Nullable Object> removedAddress() {
        Map<String, @Nullable Object> status = new HashMap<>();
        status.put("phase", "Failed");
        status.put("podIP", null);
        status.put("podIPs", null);
        return status;
    }

    /** Names of the pods that had the address, the earliest first. */
    private static List<String> lived(KubernetesEventSource running, String ip) {
        KnownObjectsAnswer answer = running.known().page(new KnownObjectsRequest(null, 500));
        assertThat(answer.complete()).isTrue();
        return answer.objects().stream()
                .filter(one -> ip.equals(KubernetesObject.map(one.object(), "status").get("podIP")))
                .sorted(Comparator.comparingLong(KnownObjectsAnswer.KnownObject::fromNs))
                .map(KnownObjectsAnswer.KnownObject::name)
                .toList();
    }

    private static void assertCheckpoint(List<Recorded> records, String... names) {
        assertThat(records.stream().map(Recorded::timeNs).collect(Collectors.toSet())).hasSize(1);
        KubernetesChange begin = records.getFirst().change();
        assertThat(begin.checkpoint()).isEqualTo(CheckpointPart.BEGIN);
        assertThat(begin.count()).isEqualTo(names.length);
        assertThat(records.getLast().change().checkpoint()).isEqualTo(CheckpointPart.END);
        List<Recorded> entries = records.subList(1, records.size() - 1);
        assertThat(entries.stream().map(one -> one.change().name())).containsExactly(names);
        assertThat(entries)
                .allSatisfy(one -> {
                    assertThat(one.change().kind()).isEqualTo(KubernetesChange.Kind.KNOWN);
                    Map<String, Object> object = Objects.requireNonNull(one.change().object());
                    assertThat(KubernetesObject.map(object, "metadata"))
                            .containsKey("labels")
                            .doesNotContainKey("annotations");
                    assertThat(KubernetesObject.map(object, "status")).containsKeys("podIP", "phase");
                    assertThat(one.fields()).containsEntry("HINDSIGHT_CHECKPOINT", "entry");
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldListOnceMoreWhereItsVersionIsForgotten(boolean asStatus) {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        server.put(ResourceKind.POD, pod("shop", "stays", "10.244.1.6"));
        server.put(ResourceKind.POD, pod("shop", "changes", "10.244.1.7"));
        KubernetesEventSource running = start(false);
        started(running);
        server.answer(ResourceKind.POD, 503);
        server.breakWatches();
        server.delete(ResourceKind.POD, "shop", "cart");
        server.put(ResourceKind.POD, pod("shop", "changes", "10.244.1.8"));
        server.put(ResourceKind.POD, pod("shop", "new", "10.244.1.5"));
        server.forget(asStatus);
        server.answer(ResourceKind.POD, 0);

        await().until(() -> sink.changes().size() == 3);
        await().until(() -> server.openWatches() == 1);
        server.put(ResourceKind.POD, pod("shop", "later", "10.244.1.9"));
        await().until(() -> sink.changes().size() == 4);

        assertThat(sink.changes().subList(0, 3))
                .containsExactlyInAnyOrder("DELETED Pod shop/cart", "MODIFIED Pod shop/changes", "ADDED Pod shop/new");
        assertThat(sink.changes().get(3)).isEqualTo("ADDED Pod shop/later");
        assertThat(server.lists()).isEqualTo(2);
        assertThat(
                        server.requests().stream()
                                .filter(one -> !one.isWatch())
                                .map(one -> one.query().get("resourceVersion")))
                .containsExactly("0", null);
        assertThat(running.problem()).isNull();
    }

    @Test
    void shouldGoOnFromTheLastBookmarkWhenTheServerWasDeadForAWhile() {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        KubernetesEventSource running = start(false);
        started(running);
        server.bookmark();
        long bookmark = server.version();
        server.put(ResourceKind.POD, pod("shop", "second", "10.244.1.6"));
        await().until(() -> sink.changes().size() == 1);
        server.bookmark();
        long last = server.version();
        assertThat(last).isGreaterThan(bookmark);
        assertThat(server.watchRequests()).isEqualTo(1);
        assertThatDrained(running);

        server.stop();
        await().until(() -> running.problem() != null);
        assertThat(running.problem())
                .startsWith("The API server at http://127.0.0.1:")
                .contains("has not answered since");
        long stopped = System.nanoTime();
        await().during(OUTAGE).atMost(OUTAGE.plusSeconds(10)).until(() -> running.problem() != null);
        server.put(ResourceKind.POD, pod("shop", "meanwhile", "10.244.1.7"));
        server.start();
        // The longer it was dead, the rarer it is asked: a minute at most.
        await().atMost(Duration.ofSeconds(75)).until(() -> sink.changes().size() == 2);

        assertThat(sink.changes()).containsExactly("ADDED Pod shop/second", "ADDED Pod shop/meanwhile");
        await().untilAsserted(() -> assertThat(running.problem()).isNull());
        assertThat(server.lists()).isEqualTo(1);
        Seen resumed = server.requests().getLast();
        assertThat(resumed.query())
                .containsEntry("resourceVersion", Long.toString(last))
                .containsEntry("allowWatchBookmarks", "true");
        assertThat(server.watchRequests()).isEqualTo(2);
        assertThat(resumed.atNanos() - stopped).isGreaterThan(OUTAGE.toNanos());
    }

    @Test
    void shouldSayNothingOfWhatIsThereBeforeTheServerHasAnswered() {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        server.stop();
        KubernetesEventSource running = start(false);
        await().until(() -> running.problem() != null);

        // An empty checkpoint would take the place of one in the ring that an agent wrote before it was restarted.
        await().during(Duration.ofSeconds(1)).until(() -> sink.recorded().isEmpty());
        server.start();
        await().until(() -> sink.recorded().size() == 3);
        assertThat(sink.recorded().get(1).summary()).isEqualTo("KNOWN Pod shop/cart");
    }

    private static void assertThatDrained(KubernetesEventSource running) {
        try {
            assertThat(running.drain(5_000)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldNeverAskInAHotLoopWhateverTheServerAnswers() {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        KubernetesEventSource running = start(false);
        started(running);
        for (String nonsense : List.of("{", "[]", "{\"type\":\"ODD\",\"object\":{}}", "{\"type\":\"ADDED\"}")) {
            long lists = server.lists();
            server.sendAll(nonsense);
            await().until(() -> server.lists() == lists + 1);
            await().until(() -> running.problem() == null);
            await().until(() -> server.openWatches() == 1);
        }
        long before = server.requests().size();
        long from = System.nanoTime();
        server.answer(ResourceKind.POD, 500);
        server.breakWatches();
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.requests().size() > before);
        long asked = server.requests().size() - before;
        long elapsedMs = Duration.ofNanos(System.nanoTime() - from).toMillis();

        // 50, 100, 200, 400 ms at the least, and 400 ms each from there.
        assertThat(asked).isBetween(3L, 5 + elapsedMs / 400);
        assertThat(running.problem()).contains("HTTP 500");
        assertThat(server.lists()).as("one, and one for each message that could not be read").isEqualTo(5);
        assertThat(sink.changes()).isEmpty();
    }

    @Test
    void shouldGoOnWithoutAKindThatItMayNotSee() {
        server.answer(ResourceKind.CRON_JOB, 403);
        server.put(
                ResourceKind.NODE, new JsonObject().put("metadata", named("", "node-1")).put("spec", new JsonObject()));
        KubernetesEventSource running = start(true);
        await().until(() -> server.openWatches() == ResourceKind.OF_THE_CLUSTER.size() - 1);

        assertThat(running.problem()).contains("refuses for cronjobs: HTTP 403: no /apis/batch/v1/cronjobs.");
        assertThat(sink.recorded().getFirst().change().checkpoint()).isEqualTo(CheckpointPart.BEGIN);
        assertThat(sink.recorded().stream().map(Recorded::summary)).contains("KNOWN Node node-1");
        server.put(ResourceKind.CRON_JOB, new JsonObject().put("metadata", named("shop", "nightly")));
        server.answer(ResourceKind.CRON_JOB, 0);
        await().until(() -> running.problem() == null);
        assertThat(sink.recorded().stream().map(Recorded::summary)).contains("KNOWN CronJob shop/nightly");
    }

    private static JsonObject named(String namespace, String name) {
        JsonObject metadata = new JsonObject().put("name", name).put("uid", uid(namespace + "/" + name));
        return namespace.isEmpty() ? metadata : metadata.put("namespace", namespace);
    }

    @Test
    void shouldWatchWhatBelongsToNoNodeAndOfOwnersMetadataAlone() {
        JsonObject env = new JsonObject().put("env", new JsonArray().add(MARKER));
        JsonObject template = new JsonObject().put("containers", new JsonArray().add(env));
        server.put(
                ResourceKind.DEPLOYMENT,
                new JsonObject()
                        .put("metadata", named("shop", "cart"))
                        .put("spec", new JsonObject().put("template", new JsonObject().put("spec", template))));
        KubernetesEventSource running = start(true);
        await().until(() -> server.openWatches() == ResourceKind.OF_THE_CLUSTER.size());
        JsonObject event =
                new JsonObject()
                        .put("metadata", named("shop", "cart.17"))
                        .put("type", "Warning")
                        .put("reason", "BackOff")
                        .put("note", "Back-off restarting\nfailed container")
                        .put("deprecatedLastTimestamp", "2026-11-22T21:05:00Z")
                        .put("regarding", named("shop", "cart").put("kind", "Pod"));
        server.put(ResourceKind.EVENT, event);
        server.put(ResourceKind.EVENT, event.copy().put("deprecatedCount", 2));
        server.delete(ResourceKind.EVENT, "shop", "cart.17");
        server.put(
                ResourceKind.SERVICE,
                new JsonObject()
                        .put("metadata", named("shop", "web"))
                        .put("spec", new JsonObject().put("clusterIP", "10.96.0.7")));
        await().until(() -> sink.changes().size() == 3);

        assertThat(sink.changes())
                .containsExactlyInAnyOrder(
                        "ADDED Event shop/cart.17", "MODIFIED Event shop/cart.17", "ADDED Service shop/web");
        Recorded first =
                sink.recorded().stream()
                        .filter(one -> one.summary().startsWith("ADDED Event"))
                        .findFirst()
                        .orElseThrow();
        assertThat(first.fields())
                .containsEntry("MESSAGE", "BackOff: Back-off restarting failed container (Pod shop/cart)")
                .containsEntry("PRIORITY", "4")
                .containsEntry("K8S_REASON", "BackOff")
                .containsEntry("K8S_TYPE", "Warning")
                .containsEntry("K8S_INVOLVED", "Pod shop/cart");
        assertThat(first.change().serverTime()).isEqualTo(Instant.parse("2026-11-22T21:05:00Z"));
        Set<String> paths = server.requests().stream().map(Seen::path).collect(Collectors.toSet());
        assertThat(paths)
                .containsExactlyInAnyOrderElementsOf(
                        ResourceKind.OF_THE_CLUSTER.stream().map(ResourceKind::path).toList());
        assertThat(server.requests().stream().filter(one -> one.path().endsWith("deployments")))
                .allSatisfy(one -> assertThat(one.accept()).startsWith("application/json;as=PartialObjectMetadata"));
        assertThat(
                        running.known().page(new KnownObjectsRequest(null, 10)).objects().stream()
                                .filter(one -> one.resource().equals("Deployment"))
                                .map(KnownObjectsAnswer.KnownObject::object))
                .allSatisfy(object -> assertThat(object).containsOnlyKeys("apiVersion", "kind", "metadata"));
    }

    @Test
    void shouldStoreInShortWhatIsTooLong() {
        sink = new RecordingSink(4 << 10, true);
        KubernetesEventSource running = start(false);
        started(running);
        JsonObject large = pod("shop", "large", "10.244.1.5");
        large.getJsonObject("metadata").getJsonObject("annotations").put("note", "x".repeat(8 << 10));
        server.put(ResourceKind.POD, large);
        JsonObject labelled = pod("shop", "labelled", "10.244.1.6");
        labelled.getJsonObject("metadata").getJsonObject("labels").put("note", "x".repeat(8 << 10));
        server.put(ResourceKind.POD, labelled);
        await().until(() -> sink.dropped(DropCause.OVERSIZE) == 1);

        assertThat(sink.changes()).containsExactly("ADDED Pod shop/large");
        Recorded stored = sink.recorded().getLast();
        assertThat(stored.fields().get("MESSAGE"))
                .startsWith("Pod shop/large was created (stored in short; whole it had ");
        assertThat(Integer.parseInt(Objects.requireNonNull(stored.fields().get("K8S_SHORTENED"))))
                .isGreaterThan(8 << 10);
        assertThat(KubernetesObject.map(Objects.requireNonNull(stored.change().object()), "status"))
                .containsEntry("podIP", "10.244.1.5");
    }

    @Test
    void shouldPassOverChangesThatSayNothing() {
        KubernetesEventSource running = start(true);
        await().until(() -> server.openWatches() == ResourceKind.OF_THE_CLUSTER.size());
        server.put(ResourceKind.NODE, node("2026-11-22T21:00:00Z", "True"));
        server.put(ResourceKind.NODE, node("2026-11-22T21:05:00Z", "True"));
        server.put(ResourceKind.NODE, node("2026-11-22T21:10:00Z", "False"));
        await().until(() -> sink.changes().size() == 2);
        assertThatDrained(running);

        assertThat(sink.changes()).containsExactly("ADDED Node node-1", "MODIFIED Node node-1");
        assertThat(sink.recorded().getLast().bytes()).contains("\"lastHeartbeatTime\":\"2026-11-22T21:10:00Z\"");
    }

    private static JsonObject node(String heartbeat, String ready) {
        JsonObject condition =
                new JsonObject().put("type", "Ready").put("status", ready).put("lastHeartbeatTime", heartbeat);
        return new JsonObject()
                .put("metadata", named("", "node-1"))
                .put("spec", new JsonObject())
                .put("status", new JsonObject().put("conditions", new JsonArray().add(condition)));
    }

    @Test
    void shouldAskForSmallerPagesWhereOneIsTooLong() {
        server.pagesFromCache(false);
        for (String name : List.of("a", "b", "c")) {
            JsonObject large = pod("shop", name, "10.244.1.5");
            large.getJsonObject("metadata").getJsonObject("annotations").put("note", "x".repeat(3 << 20));
            server.put(ResourceKind.POD, large);
        }
        KubernetesEventSource running = start(false);
        await().until(() -> server.openWatches() == 1);

        assertCheckpoint(sink.recorded(), "a", "b", "c");
        List<String> limits =
                server.requests().stream().filter(one -> !one.isWatch()).map(one -> one.query().get("limit")).toList();
        assertThat(limits).containsExactly("100", "100", "50", "25", "12", "6", "3", "1", "1", "1");
        assertThat(running.problem()).isNull();
    }

    @Test
    void shouldWriteACheckpointWhenOneIsDue() {
        server.put(ResourceKind.POD, pod("shop", "cart", "10.244.1.5"));
        start(false);
        await().until(() -> sink.recorded().size() == 3);
        sink.makeDue();
        await().until(() -> sink.recorded().size() == 6);
        assertCheckpoint(sink.recorded().subList(3, 6), "cart");
        long entries = sink.recorded().subList(3, 6).stream().mapToLong(one -> one.bytes().length()).sum();
        assertThat(sink.lastCheckpointBytes()).isBetween(entries / 2, 3 * entries);
    }
}
