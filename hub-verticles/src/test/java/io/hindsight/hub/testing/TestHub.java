package io.hindsight.hub.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VerifyReport;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusCodecs;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.DataSize;
import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.HubVerticle;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.read.ReadLimits;
import io.hindsight.hub.snapshot.SessionTimeouts;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A Hub over a real folder, asked over the bus as everybody asks. Unlocks the folder when it is closed, so that a test can remove it. */
public final class TestHub implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Time-outs short enough for tests, and longer than a busy machine lets a healthy agent wait. */
    public static final SessionTimeouts SHORT =
            new SessionTimeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(3));

    private final Path folder;
    private final Vertx vertx;
    private final HubVerticle verticle;
    private final List<ScriptedAgent> agents = new CopyOnWriteArrayList<>();

    /** What was published, in order, with the time of its arrival. */
    public final List<Event> events = new CopyOnWriteArrayList<>();

    /** Something published. */
    public record Event(long timeNs, JsonObject body) {}

    public TestHub(Path folder) {
        this(config(folder, 32, 32L << 20));
    }

    public TestHub(HubConfig config) {
        this(config, Clock.systemUTC());
    }

    /** With a clock that the test turns. */
    public TestHub(HubConfig config, InstantSource clock) {
        this(config, SHORT, clock);
    }

    /** With other time-outs too. */
    public TestHub(HubConfig config, SessionTimeouts timeouts, InstantSource clock) {
        this(config, timeouts, clock, HubVerticle.DERIVERS);
    }

    /** With other derived files too. */
    public TestHub(HubConfig config, SessionTimeouts timeouts, InstantSource clock, List<Deriver> derivers) {
        this(config, timeouts, clock, derivers, ReadLimits.DEFAULTS);
    }

    /** With other bounds of readings. */
    public TestHub(Path folder, ReadLimits readLimits) {
        this(config(folder, 32, 32L << 20), SHORT, Clock.systemUTC(), HubVerticle.DERIVERS, readLimits);
    }

    /** On a Vert.x that is a member of a cluster, for example; it is closed with this. */
    public TestHub(Vertx vertx, Path folder, ReadLimits readLimits) {
        this(vertx, config(folder, 32, 32L << 20), SHORT, Clock.systemUTC(), HubVerticle.DERIVERS, readLimits);
    }

    private TestHub(
            HubConfig config,
            SessionTimeouts timeouts,
            InstantSource clock,
            List<Deriver> derivers,
            ReadLimits readLimits) {
        this(Vertx.vertx(), config, timeouts, clock, derivers, readLimits);
    }

    private TestHub(
            Vertx vertx,
            HubConfig config,
            SessionTimeouts timeouts,
            InstantSource clock,
            List<Deriver> derivers,
            ReadLimits readLimits) {
        this.vertx = vertx;
        this.folder = config.snapshotDirectory();
        BusCodecs.register(vertx.eventBus());
        vertx.eventBus()
                .<JsonObject>consumer(
                        Addresses.EVENTS, event -> events.add(new Event(System.nanoTime(), event.body())));
        verticle = new HubVerticle(config, timeouts, clock, derivers, "hindsight test", readLimits);
        vertx.deployVerticle(verticle).await();
    }

    /** A configuration with this many snapshots at once and this credit. */
    public static HubConfig config(Path folder, int maxConcurrent, long creditBytes) {
        return config(folder, maxConcurrent, creditBytes, Duration.ofSeconds(3));
    }

    /** With another patience too. */
    public static HubConfig config(Path folder, int maxConcurrent, long creditBytes, Duration nodePatience) {
        return new HubConfig(
                folder,
                "127.0.0.1",
                0,
                null,
                maxConcurrent,
                new DataSize(creditBytes),
                Duration.ofMillis(200),
                new DataSize(1L << 20),
                new DataSize(1L << 20),
                new DataSize(0),
                Duration.ofDays(7),
                TlsFiles.NONE,
                false,
                new DataSize(64L << 20),
                nodePatience);
    }

    public Vertx vertx() {
        return vertx;
    }

    public HubVerticle verticle() {
        return verticle;
    }

    public Path folder() {
        return folder;
    }

    /** An agent that has reported. */
    public ScriptedAgent agent(String node, List<byte[]> chunks) {
        ScriptedAgent agent = new ScriptedAgent(vertx, node, TestChunks.messages(chunks)).report();
        agents.add(agent);
        return agent;
    }

    /** Every agent has just reported, however long the test has taken to come here. */
    public void report() {
        agents.forEach(ScriptedAgent::report);
    }

    /** Has every agent report twice a second from now on, for tests in which something takes its time. */
    public void keepReporting() {
        vertx.setPeriodic(500, timer -> agents.forEach(ScriptedAgent::beat));
    }

    /** A window that holds everything of {@link TestChunks}. */
    public static SnapshotRequest everything(String name) {
        return new SnapshotRequest(
                name,
                null,
                EpochNanos.toInstant(TestChunks.START_NS - 1_000_000_000L),
                EpochNanos.toInstant(TestChunks.START_NS + 3_600_000_000_000L),
                null);
    }

    public Snapshot create(SnapshotRequest request) {
        return create(request, null);
    }

    /** The agents have just reported, however long the test has taken to come here. */
    public Snapshot create(SnapshotRequest request, @Nullable String key) {
        report();
        return await(request(SnapshotAction.CREATE, JsonMapping.toJson(request), key), Snapshot.class);
    }

    public Snapshot get(String id) {
        return await(request(SnapshotAction.GET, new JsonObject().put("id", id), null), Snapshot.class);
    }

    public Snapshot cancel(String id) {
        return await(request(SnapshotAction.CANCEL, new JsonObject().put("id", id), null), Snapshot.class);
    }

    public VerifyReport verify(String id) {
        return await(request(SnapshotAction.VERIFY, new JsonObject().put("id", id), null), VerifyReport.class);
    }

    public void delete(String id) {
        await(request(SnapshotAction.DELETE, new JsonObject().put("id", id), null), JsonObject.class);
    }

    /** Asks, and waits for the answer. */
    public <T> T ask(SnapshotAction action, JsonObject body, Class<T> type) {
        return await(request(action, body, null), type);
    }

    /** The answer's future, not waited for. */
    public Future<JsonObject> request(SnapshotAction action, JsonObject body, @Nullable String key) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action.name());
        if (key != null) {
            options.addHeader("idempotency-key", key);
        }
        return vertx.eventBus().<JsonObject>request(Addresses.SNAPSHOTS, body, options).map(answer -> answer.body());
    }

    private static <T> T await(Future<JsonObject> answer, Class<T> type) {
        try {
            JsonObject body = answer.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return type == JsonObject.class ? type.cast(body) : JsonMapping.fromJson(body, type);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        } catch (HindsightException e) {
            throw e;
        } catch (RuntimeException e) {
            throw BusFailures.asHindsight(e);
        }
    }

    /** Waits for a snapshot's end. */
    public Snapshot ended(String id) {
        return Awaitility.await().atMost(PATIENCE).until(() -> get(id), snapshot -> snapshot.state().ended());
    }

    /** Every snapshot that is listed. */
    public List<Snapshot> all() {
        JsonObject page = ask(SnapshotAction.LIST, new JsonObject(), JsonObject.class);
        return page.getJsonArray("snapshots").stream()
                .map(snapshot -> JsonMapping.fromJson((JsonObject) snapshot, Snapshot.class))
                .toList();
    }

    /**
     * Waits until the volume holds nothing but, for each snapshot that is listed, the record that says how it failed or was cancelled. The
     * files go after the end has been told, once nobody works on them.
     */
    public void awaitNothingKept() {
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreException(UncheckedIOException.class) // a folder that went while it was being listed
                .untilAsserted(() -> {
                    List<Snapshot> all = all();
                    assertThat(all)
                            .extracting(Snapshot::state)
                            .isSubsetOf(SnapshotState.FAILED, SnapshotState.CANCELLED);
                    List<String> records =
                            all.stream().map(ended -> VolumeContents.record(ended.id())).sorted().toList();
                    assertThat(VolumeContents.of(folder)).isEqualTo(records);
                });
    }

    @Override
    public void close() {
        vertx.close().await();
        try {
            ImmutableFlag.clearTree(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
