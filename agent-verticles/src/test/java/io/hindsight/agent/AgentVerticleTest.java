package io.hindsight.agent;

import static io.hindsight.agent.ring.TestPackets.NODE;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentVerticleTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final String SESSION = "snapshot-1";
    private static final long LEASE_MS = 60_000;
    private static final String NEXT_ADDRESS = Addresses.chunks(SESSION, NODE, 2);

    @TempDir Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final TestPacketSource source = new TestPacketSource();
    private final List<Chunk> received = new CopyOnWriteArrayList<>();

    /** As they came: to look at, not to read. */
    private final List<ByteBuffer[]> receivedParts = new CopyOnWriteArrayList<>();

    private final List<StreamEnd> ends = new CopyOnWriteArrayList<>();
    private final List<NodeStatus> heartbeats = new CopyOnWriteArrayList<>();
    private long baseNs;

    @BeforeEach
    void deploy() {
        AgentVerticle.registerCodec(vertx);
        AgentVerticle.registerCodec(vertx);
        vertx.eventBus()
                .<JsonObject>localConsumer(
                        Addresses.HEARTBEATS,
                        beat -> heartbeats.add(JsonMapping.fromJson(beat.body(), NodeStatus.class)));
        vertx.eventBus().localConsumer(address(), this::receive);
        vertx.eventBus().localConsumer(NEXT_ADDRESS, this::receive);
        result(
                vertx.deployVerticle(
                        new AgentVerticle(
                                config(),
                                AgentIdentity.ofNewRun("0.1"),
                                new AgentSources(config -> source, Map.of()),
                                null)));
        baseNs = EpochNanos.of(Instant.now());
    }

    private AgentConfig config() {
        return new AgentConfig(
                NODE,
                folder,
                new DataSize(16L << 20),
                new DataSize(SLOT_SIZE),
                List.of("any"),
                0,
                "",
                AgentConfig.CaptureImplementation.AUTO,
                1,
                new DataSize(2L << 20),
                null,
                false,
                new DataSize(0),
                EventsConfig.NONE);
    }

    @AfterEach
    void close() {
        result(vertx.close());
        assertThat(source.isClosed()).isTrue();
    }

    private static String address() {
        return Addresses.chunks(SESSION, NODE, 1);
    }

    private void receive(Message<Object> message) {
        if (message.body() instanceof Chunk chunk) {
            receivedParts.add(chunk.parts());
            received.add(Chunk.unowned(chunk.header(), List.of(ByteBuffer.wrap(bytes(chunk)))));
            chunk.release();
        } else {
            ends.add(JsonMapping.fromJson((JsonObject) message.body(), StreamEnd.class));
        }
    }

    private static <T> T result(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    private JsonObject ask(AgentAction action, Object body) {
        return ask(action.name(), JsonMapping.toJson(body));
    }

    private JsonObject ask(String action, JsonObject body) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action);
        try {
            return result(vertx.eventBus().<JsonObject>request(Addresses.agent(NODE), body, options)).body();
        } catch (java.util.concurrent.CompletionException e) {
            throw BusFailures.asHindsight(Objects.requireNonNull(e.getCause()));
        }
    }

    private ExtentPlan plan(long fromNs, long toNs) {
        return JsonMapping.fromJson(
                ask(AgentAction.PLAN, new PlanRequest(SESSION, fromNs, toNs, LEASE_MS)), ExtentPlan.class);
    }

    private List<Packet> put(int count, int length) {
        List<Packet> put = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            Packet packet = packet(baseNs + index, length);
            source.put(packet);
            put.add(packet);
        }
        source.commit();
        return put;
    }

    private StreamEnd awaitEnd() {
        await().until(() -> !ends.isEmpty());
        return ends.getLast();
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    private static List<Packet> packets(Chunk chunk) {
        MemorySegment bytes = MemorySegment.ofArray(bytes(chunk));
        ChunkVerifier.checkRecords(bytes, 0);
        return TestPackets.read(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize());
    }

    private List<Packet> receivedPackets() {
        return received.stream().flatMap(chunk -> packets(chunk).stream()).toList();
    }

    @Test
    void shouldRecordWhatIsOrderedAndTellOfItInPlansAndStatus() {
        CapturePolicy policy = new CapturePolicy(null, List.of(), List.of(), "udp", false);
        CaptureState state = new CaptureState(3, policy, "ann", Instant.EPOCH);
        CaptureOrder order = new CaptureOrder(state, List.of(new CaptureOrder.OwnEndpoint("10.0.0.9", 8899)));
        NodeCapture told = JsonMapping.fromJson(ask(AgentAction.CAPTURE, order), NodeCapture.class);
        assertThat(told.revision()).isEqualTo(3);
        assertThat(told.expression()).startsWith("(udp) and not (");
        assertThat(source.filter()).extracting(CaptureFilter::override).isEqualTo("udp");
        OwnTraffic.opened(vertx, SocketAddress.inetSocketAddress(8899, "10.96.0.1"));
        await().until(() -> ownEndpoints() == 2);
        await().until(() -> heartbeats.stream().anyMatch(AgentVerticleTest::followsThird));
        long nowNs = EpochNanos.of(Instant.now());
        ExtentPlan plan =
                JsonMapping.fromJson(
                        ask(AgentAction.PLAN, new PlanRequest(SESSION, baseNs - 60_000_000_000L, nowNs, LEASE_MS)),
                        ExtentPlan.class);
        assertThat(plan.captures()).extracting(CaptureChange::revision).containsExactly(0L, 3L, 3L);
    }

    private static boolean followsThird(NodeStatus beat) {
        NodeCapture capture = beat.capture();
        return capture != null && capture.revision() == 3;
    }

    private int ownEndpoints() {
        CaptureFilter filter = source.filter();
        return filter == null ? 0 : filter.own().size();
    }

    @Test
    void shouldKeepWhatIsInForceWhereAnOrderIsRefused() {
        CapturePolicy policy = new CapturePolicy("(", List.of(), List.of(), null, false);
        CaptureOrder order = new CaptureOrder(new CaptureState(3, policy, "ann", Instant.EPOCH), List.of());
        assertThatThrownBy(() -> ask(AgentAction.CAPTURE, order))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        assertThat(source.filter()).isNull();
    }

    @Test
    void shouldSendAWindowWithOpenPrefixAndTrimmedEdges() throws IOException {
        List<Packet> put = put(1_000, 1_000);
        ExtentPlan plan = plan(baseNs + 100, baseNs + 900);
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1L << 30, Map.of(), null));
        StreamEnd end = awaitEnd();

        assertThat(receivedPackets()).isEqualTo(put.subList(100, 900));
        assertThat(end.failure()).isNull();
        assertThat(end.gaps()).isEmpty();
        assertThat(end.chunks()).isEqualTo(received.size());
        assertThat(plan.bytes()).isGreaterThanOrEqualTo(end.bytes());
        assertThat(plan.chunks()).isEqualTo(received.size());
        assertThat(received.getFirst().header().has(ChunkFlag.TRIMMED)).isTrue();
        assertThat(received.get(1).header().flags()).isZero();
        assertThat(received.getLast().header().has(ChunkFlag.OPEN_PREFIX)).isTrue();
        assertReadableByOthers(800);
    }

    private void assertReadableByOthers(int packets) throws IOException {
        Tools.require("capinfos", "tshark");
        Path file = folder.resolve("sent.pcapng");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (Chunk chunk : received) {
                channel.write(ByteBuffer.wrap(bytes(chunk)));
            }
        }
        Tools.run("capinfos", file.toString()).succeeded();
        assertThat(Tools.run("tshark", "-r", file.toString()).succeeded().lines()).hasSize(packets);
    }

    @Test
    void shouldSendTheOpenChunkByReference() {
        List<Packet> put = put(10, 100);
        plan(0, baseNs + 1_000);
        put(10, 100);
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1L << 30, Map.of(), null));
        awaitEnd();
        assertThat(receivedPackets()).isEqualTo(put);
        assertThat(received.getFirst().header().flags()).isEqualTo(ChunkFlag.OPEN_PREFIX.mask());
        assertThat(receivedParts.getFirst()).hasSize(2);
        assertThat(receivedParts.getFirst()[1].isDirect()).isTrue();
    }

    @Test
    void shouldSendOnlyWithinCreditAndResumeAfterWhatIsDurable() {
        List<Packet> put = put(1_500, 1_000);
        plan(0, baseNs + 10_000);
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1, Map.of(), null));
        await().until(() -> received.size() == 1);
        ask(AgentAction.CREDIT, new CreditGrant(SESSION, 0, Map.of()));
        ask(AgentAction.STATUS, Map.of());
        assertThat(received).hasSize(1);
        ask(AgentAction.CREDIT, new CreditGrant(SESSION, 300_000, Map.of()));
        await().until(() -> received.size() == 2);
        long durable = received.getFirst().header().sequence();

        List<Packet> first = packets(received.getFirst());
        received.clear();
        ask(AgentAction.STREAM, new StreamRequest(SESSION, NEXT_ADDRESS, 1L << 30, Map.of("packets", durable), null));
        awaitEnd();
        List<Packet> all = new ArrayList<>(first);
        all.addAll(receivedPackets());
        assertThat(all).isEqualTo(put);
    }

    @Test
    void shouldUnpinWhatIsDurable() {
        put(1_500, 1_000);
        plan(0, baseNs + 10_000);
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1L << 30, Map.of(), null));
        awaitEnd();
        assertThat(pinnedBytes()).isEqualTo(6L * SLOT_SIZE);
        ask(AgentAction.CREDIT, new CreditGrant(SESSION, 0, Map.of("packets", 4L)));
        assertThat(pinnedBytes()).isEqualTo(2L * SLOT_SIZE);
        ask(AgentAction.RELEASE, new ReleaseRequest(SESSION, "completed"));
        assertThat(pinnedBytes()).isZero();
        ask(AgentAction.RELEASE, new ReleaseRequest(SESSION, "completed"));
    }

    private long pinnedBytes() {
        return JsonMapping.fromJson(ask(AgentAction.STATUS, Map.of()), NodeStatus.class)
                .sources()
                .getFirst()
                .ringPinnedBytes();
    }

    @Test
    void shouldAnswerTheSamePlanTwice() {
        put(10, 100);
        ExtentPlan first = plan(baseNs, baseNs + 5);
        put(10, 100);
        assertThat(plan(baseNs, baseNs + 5)).isEqualTo(first);
    }

    @Test
    void shouldReportWhatIsMissingAroundTheRecording() {
        put(10, 100);
        long farFutureNs = baseNs + 3_600_000_000_000L;
        ExtentPlan plan = plan(baseNs - 3_600_000_000_000L, farFutureNs);
        assertThat(plan.gaps())
                .extracting(Gap::cause)
                .containsExactly(Gap.Cause.NOT_RECORDED, Gap.Cause.NOT_YET_CAPTURED);
        assertThat(plan.gaps().getLast().to()).isEqualTo(EpochNanos.toInstant(farFutureNs));
    }

    @Test
    void shouldReportTheLossOfRecycledChunks() {
        List<Packet> put = put(20_000, 1_000);
        ExtentPlan plan = plan(baseNs, baseNs + 20_000);
        assertThat(plan.gaps())
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.RECYCLED);
                    assertThat(gap.from()).isEqualTo(EpochNanos.toInstant(baseNs));
                });
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1L << 30, Map.of(), null));
        // The slots that capture takes next may be made ready after the plan, and more given up for them.
        List<Gap> gaps = awaitEnd().gaps();
        List<Packet> sent = receivedPackets();
        assertThat(sent).isEqualTo(put.subList(put.size() - sent.size(), put.size()));
        assertThat(gaps).allMatch(gap -> gap.cause() == Gap.Cause.RECYCLED);
        assertThat(gaps.getLast().to()).isEqualTo(EpochNanos.toInstant(sent.getFirst().timestampNs()));
    }

    @Test
    void shouldReportPinsGivenUpWhileTheHubWasSlow() {
        List<Packet> put = put(12_000, 1_000);
        plan(baseNs, baseNs + 12_000);
        ask(AgentAction.STREAM, new StreamRequest(SESSION, address(), 1, Map.of(), null));
        await().until(() -> received.size() == 1);
        List<Packet> first = packets(received.getFirst());
        baseNs += 12_000;
        put(12_000, 1_000);
        ask(
                AgentAction.CREDIT,
                new CreditGrant(SESSION, 1L << 30, Map.of("packets", received.getFirst().header().sequence())));
        StreamEnd end = awaitEnd();

        assertThat(end.gaps()).isNotEmpty().allMatch(gap -> gap.cause() == Gap.Cause.RECYCLED);
        long lost = end.gaps().stream().mapToLong(AgentVerticleTest::lost).sum();
        assertThat(receivedPackets().size() + lost).isEqualTo(put.size());
        assertThat(receivedPackets()).containsAll(first);
        for (Packet packet : receivedPackets()) {
            Instant time = EpochNanos.toInstant(packet.timestampNs());
            assertThat(end.gaps()).noneMatch(gap -> !time.isBefore(gap.from()) && time.isBefore(gap.to()));
        }
    }

    private static long lost(Gap gap) {
        @Nullable Long lost = gap.lost();
        return lost == null ? 0 : lost;
    }

    @Test
    void shouldTellErrorsByCodeAndField() {
        assertThatThrownBy(() -> ask("DANCE", new JsonObject()))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(e.field()).isEqualTo(Addresses.ACTION_HEADER);
                        });
        assertThatThrownBy(() -> plan(5, 5))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WINDOW));
        assertThatThrownBy(() -> ask(AgentAction.PLAN, new PlanRequest(SESSION, 1, 2, 1)))
                .isInstanceOfSatisfying(HindsightException.class, e -> assertThat(e.field()).isEqualTo("leaseMs"));
        assertThatThrownBy(() -> ask(AgentAction.CREDIT, new CreditGrant("nobody", 1, Map.of())))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
    }

    @Test
    void shouldSendHeartbeatsWithBoundariesAndRates() {
        put(100, 100);
        await().until(() -> heartbeats.size() >= 2 && heartbeats.getLast().sources().getFirst().records() == 100);
        NodeStatus.SourceStatus packets = heartbeats.getLast().sources().getFirst();
        assertThat(packets.healthy()).isTrue();
        assertThat(packets.oldest()).isEqualTo(EpochNanos.toInstant(baseNs));
        assertThat(packets.newest()).isEqualTo(EpochNanos.toInstant(baseNs + 99));
        assertThat(packets.bytes()).isEqualTo(10_000);
        assertThat(packets.drops()).containsEntry("kernel", 0L);
        assertThat(packets.implementation()).isEqualTo("test");
    }

    @Test
    void shouldHaveTheClockOfItsHubWhereBothAreOneProcess() {
        await().until(() -> !heartbeats.isEmpty());
        NodeStatus beat = heartbeats.getLast();
        assertThat(beat.clock()).isEqualTo(new ClockOffset(0, 0, beat.time()));
    }

    @Test
    void shouldBeUnhealthyWhenTheSourceFails() {
        source.fail("The socket was closed.");
        await().until(() -> !heartbeats.isEmpty() && !heartbeats.getLast().sources().getFirst().healthy());
        assertThat(heartbeats.getLast().sources().getFirst().reason()).isEqualTo("The socket was closed.");
    }
}
