package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.Mutations;
import io.hindsight.testing.NettyLeaks;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lanes as peers find them, the hostile ones included. */
class LanesTest {
    private static final String NODE = "node-a";
    private static final String ADDRESS = "hindsight.chunks.node-a/snapshot-1.1";
    private static final long CREDIT = 32L << 20;
    private static final long MEMORY = 64L << 20;

    /** Short, and with a pace that only a trickle falls below. */
    private static final LaneLimits SHORT =
            new LaneLimits(Duration.ofSeconds(3), Duration.ofSeconds(1), 64L << 10, 64L << 10);

    private final NettyLeaks leaks = NettyLeaks.watch();
    private LaneServer server = new LaneServer(MEMORY, SHORT);
    private SessionDouble session = new SessionDouble(server.vertx, ADDRESS);

    @AfterEach
    void nothingIsLeft() {
        session.releaseAll();
        await().untilAsserted(() -> assertThat(server.memory.usedBytes()).isZero());
        server.close();
        leaks.assertNone();
    }

    private void restart(long memoryBytes, LaneLimits limits) {
        server.close();
        server = new LaneServer(memoryBytes, limits);
        session = new SessionDouble(server.vertx, ADDRESS);
    }

    private Socket open() throws IOException {
        return server.open(server.order(NODE, ADDRESS, CREDIT));
    }

    private void assertBroken(String... words) {
        await().untilAsserted(() -> assertThat(session.broken).hasSize(1));
        assertThat(session.broken.getFirst()).contains(words);
        await().until(() -> server.ask(Lanes::openCount) == 0);
    }

    @Test
    void shouldHandOnEveryChunkAndSayWhenThePeerCloses() throws IOException {
        List<byte[]> sent = TestChunks.packets(NODE, 30, 500);
        try (Socket lane = open()) {
            for (byte[] chunk : sent) {
                lane.getOutputStream().write(chunk);
            }
            await().until(() -> session.chunks.size() == sent.size());
        }
        assertThat(session.chunks).containsExactlyElementsOf(sent);
        long bytes = sent.stream().mapToLong(chunk -> chunk.length).sum();
        assertBroken("AGENT_UNREACHABLE", "after a whole chunk at offset=" + bytes);
        assertThat(server.ask(Lanes::receivedBytes)).isEqualTo(bytes);
        assertThat(server.ask(Lanes::receivedChunks)).isEqualTo(30);
    }

    @Test
    void shouldSayWhenThePeerClosesInTheMiddleOfAChunk() throws IOException {
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        try (Socket lane = open()) {
            lane.getOutputStream().write(chunk);
            lane.getOutputStream().write(chunk, 0, 10_000);
            await().until(() -> session.chunks.size() == 1);
            await().until(() -> server.memory.usedBytes() > 0);
        }
        assertBroken("AGENT_UNREACHABLE", "in the middle of the chunk at offset=" + chunk.length);
        assertThat(session.chunks).hasSize(1);
    }

    @Test
    void shouldRefuseWhoHasNoTokenAWrongOneOrAUsedOne() throws IOException {
        String token = server.order(NODE, ADDRESS, CREDIT);
        try (Socket lane = server.open(token);
                Socket replay = server.connect();
                Socket wrong = server.connect();
                Socket without = server.connect();
                Socket other = server.connect()) {
            assertThat(LaneServer.status(replay, LaneServer.upgrade(token))).isEqualTo(403);
            assertThat(LaneServer.status(wrong, LaneServer.upgrade("x".repeat(43)))).isEqualTo(403);
            assertThat(LaneServer.status(without, LaneServer.upgrade("").replaceFirst("Hindsight-Lane: \r\n", "")))
                    .isEqualTo(401);
            assertThat(LaneServer.status(other, LaneServer.upgrade(token).replace("chunks/1", "chunks/2")))
                    .isEqualTo(400);
            byte[] chunk = TestChunks.packets(NODE, 1, 10).getFirst();
            lane.getOutputStream().write(chunk);
            await().until(() -> session.chunks.size() == 1);
        }
        assertThat(server.refused(LaneRefusal.USED_TOKEN)).isEqualTo(1);
        assertThat(server.refused(LaneRefusal.UNKNOWN_TOKEN)).isEqualTo(1);
        assertThat(server.refused(LaneRefusal.NO_TOKEN)).isEqualTo(1);
        assertThat(server.refused(LaneRefusal.NO_UPGRADE)).isEqualTo(1);
    }

    @Test
    void shouldRefuseBytesThatAreNoChunkOfTheNodeAndDisturbNobody() throws IOException {
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        byte[] fourGib = chunk.clone();
        ByteBuffer.wrap(fourGib).order(ByteOrder.LITTLE_ENDIAN).putInt(16, 0).putInt(20, 1);
        List<byte[]> hostile =
                List.of(
                        "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                        new byte[100_000],
                        Mutations.flipBit(chunk, 70 * 8L),
                        HeaderCrc.corrected(fourGib),
                        with(chunk, 4, 0xFFFF_FFFC),
                        with(chunk, 4, ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH + 4),
                        TestChunks.packets("node-b", 1, 10).getFirst());
        String other = "hindsight.chunks.node-a/snapshot-2.1";
        SessionDouble undisturbed = new SessionDouble(server.vertx, other);
        try (Socket good = server.open(server.order(NODE, other, CREDIT))) {
            for (int index = 0; index < hostile.size(); index++) {
                good.getOutputStream().write(chunk, 0, 5_000);
                try (Socket lane = open()) {
                    lane.getOutputStream().write(hostile.get(index));
                    assertThat(LaneServer.isClosed(lane)).isTrue();
                }
                good.getOutputStream().write(chunk, 5_000, chunk.length - 5_000);
                int refusals = index + 1;
                await().until(() -> session.broken.size() == refusals && undisturbed.chunks.size() == refusals);
                assertThat(session.broken.getLast()).startsWith("INTEGRITY_VIOLATED").contains("offset=0");
                assertThat(server.refused(LaneRefusal.BYTES)).isEqualTo(refusals);
            }
        }
        assertThat(session.chunks).isEmpty();
        assertThat(undisturbed.chunks).allMatch(received -> Arrays.equals(received, chunk));
    }

    private static byte[] with(byte[] bytes, int offset, int value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return changed;
    }

    @Test
    void shouldEndALaneThatFallsSilentInTheMiddleOfAChunk() throws IOException {
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        try (Socket lane = open()) {
            lane.getOutputStream().write(chunk, 0, 20);
            assertThat(LaneServer.isClosed(lane)).isTrue();
        }
        assertBroken("AGENT_UNREACHABLE", "Nothing came for 1 s in the middle of a chunk");
        assertThat(server.refused(LaneRefusal.STALLED)).isEqualTo(1);
    }

    @Test
    void shouldEndALaneWhoseChunkTrickles() throws IOException {
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        try (Socket lane = open()) {
            CompletableFuture<Void> trickle = CompletableFuture.runAsync(() -> trickle(lane, chunk));
            assertThat(LaneServer.isClosed(lane)).isTrue();
            assertThat(trickle).failsWithin(Duration.ofSeconds(10));
        }
        assertBroken("AGENT_UNREACHABLE", "less than limit=65536 bytes a second");
    }

    /** A byte each tenth of a second, until the other end closes. */
    private static void trickle(Socket lane, byte[] chunk) {
        try {
            for (byte next : chunk) {
                lane.getOutputStream().write(next);
                Thread.sleep(100);
            }
        } catch (IOException | InterruptedException closed) {
            throw new IllegalStateException(closed);
        }
    }

    @Test
    void shouldEndALaneThatSendsNothing() throws IOException {
        try (Socket lane = open()) {
            assertThat(LaneServer.isClosed(lane)).isTrue();
        }
        assertBroken("AGENT_UNREACHABLE", "Nothing came for 3 s");
    }

    @Test
    void shouldNotCallALaneIdleWhoseSessionIsSlow() throws Exception {
        restart(MEMORY, new LaneLimits(Duration.ofMillis(1), Duration.ofSeconds(1), 64L << 10, 64L << 10));
        session.holding = true;
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        try (Socket lane = open()) {
            lane.getOutputStream().write(chunk);
            await().until(() -> session.held.size() == 1);
            await().during(Duration.ofMillis(2_500))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> server.ask(Lanes::openCount) == 1);
            session.releaseAll();
            assertThat(LaneServer.isClosed(lane)).isTrue();
        }
    }

    @Test
    void shouldCloseALaneWhoseSessionIsGone() throws IOException {
        session.stop();
        try (Socket lane = open()) {
            lane.getOutputStream().write(TestChunks.packets(NODE, 1, 10).getFirst());
            assertThat(LaneServer.isClosed(lane)).isTrue();
        }
        assertThat(server.refused(LaneRefusal.NO_SESSION)).isEqualTo(1);
    }

    @Test
    void shouldCloseALaneWithoutAWordWhenItsSessionNeedsNoMore() throws IOException {
        String token = server.order(NODE, ADDRESS, CREDIT);
        try (Socket lane = server.open(token)) {
            lane.getOutputStream().write(TestChunks.packets(NODE, 1, 10).getFirst());
            await().until(() -> session.chunks.size() == 1);
            server.tokens.revoke(token);
            assertThat(LaneServer.isClosed(lane)).isTrue();
        }
        await().until(() -> server.ask(Lanes::openCount) == 0);
        assertThat(session.broken).isEmpty();
    }

    @Test
    void shouldReadNoMoreThanItsCreditAndOneChunk() throws Exception {
        List<byte[]> sent = TestChunks.packets(NODE, 60, 500);
        int length = sent.getFirst().length;
        long credit = 5L * length;
        session.holding = true;
        try (Socket lane = server.open(server.order(NODE, ADDRESS, credit))) {
            CompletableFuture<Void> writing = writeAll(lane, sent);
            for (int released = 0; released < sent.size(); released++) {
                int expected = Math.min(sent.size(), released + 5);
                await().until(() -> session.chunks.size() >= expected);
                assertThat(session.held.stream().mapToLong(chunk -> chunk.lengthBytes()).sum())
                        .isLessThanOrEqualTo(credit + length);
                session.releaseOne();
            }
            writing.join();
            await().until(() -> session.chunks.size() == sent.size());
        }
        assertThat(session.chunks).containsExactlyElementsOf(sent);
    }

    private static CompletableFuture<Void> writeAll(Socket lane, List<byte[]> chunks) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        byte[] bytes = ChunkFixtures.concatenate(chunks);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        lane.getOutputStream().write(bytes);
                        written.complete(null);
                    } catch (IOException e) {
                        written.completeExceptionally(e);
                    }
                });
        return written;
    }

    @Test
    void shouldHoldNoMoreThanItsMemoryWhateverTheNumberOfLanes() throws Exception {
        int lanes = 20;
        List<byte[]> sent = TestChunks.packets(NODE, 5, 2_000);
        int length = sent.getFirst().length;
        restart(4L * length, LaneLimits.DEFAULTS);
        session.holding = true;
        Socket[] sockets = new Socket[lanes];
        CompletableFuture<?>[] writing = new CompletableFuture<?>[lanes];
        for (int index = 0; index < lanes; index++) {
            sockets[index] = open();
            writing[index] = writeAll(sockets[index], sent);
        }
        for (int released = 0; released < lanes * sent.size(); released++) {
            await().until(() -> !session.held.isEmpty());
            assertThat(session.held.stream().mapToLong(chunk -> chunk.lengthBytes()).sum())
                    .isLessThanOrEqualTo(4L * length);
            assertThat(server.memory.usedBytes()).isLessThanOrEqualTo(4L * length);
            session.releaseOne();
        }
        CompletableFuture.allOf(writing).join();
        assertThat(session.chunks).hasSize(lanes * sent.size());
        assertThat(session.broken).isEmpty();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** Epoll reads everything at once when its peer has closed its side, whether reading was stopped or not. */
    @Test
    void shouldNotTakeWhatThereIsNoRoomForFromAPeerThatHasClosedItsSide() throws IOException {
        List<byte[]> sent = TestChunks.packets(NODE, 8, 50);
        restart(sent.getFirst().length, SHORT);
        session.holding = true;
        try (Socket lane = open()) {
            lane.getOutputStream().write(sent.getFirst());
            await().until(() -> session.held.size() == 1);
            lane.getOutputStream().write(sent.get(1));
            await().until(() -> server.memory.waitingCount() == 1);
            lane.getOutputStream().write(ChunkFixtures.concatenate(sent.subList(2, 8)));
            lane.shutdownOutput();
            assertBroken("AGENT_UNREACHABLE", "waited for room");
        }
        assertThat(server.refused(LaneRefusal.SURPLUS)).isEqualTo(1);
        assertThat(session.chunks).hasSize(1);
    }

    @Test
    void shouldGiveRoomBackOfALaneThatIsGoneWhileItWaits() throws Exception {
        byte[] chunk = TestChunks.packets(NODE, 1, 500).getFirst();
        restart(chunk.length, SHORT);
        session.holding = true;
        String waitingToken = server.order(NODE, ADDRESS, CREDIT);
        try (Socket first = open();
                Socket waiting = server.open(waitingToken);
                Socket next = open()) {
            first.getOutputStream().write(chunk);
            await().until(() -> session.held.size() == 1);
            waiting.getOutputStream().write(chunk);
            await().until(() -> server.memory.waitingCount() == 1);
            next.getOutputStream().write(chunk);
            await().until(() -> server.memory.waitingCount() == 2);
            server.tokens.revoke(waitingToken);
            await().until(() -> server.memory.waitingCount() == 1);
            session.releaseOne();
            await().until(() -> session.chunks.size() == 2);
        }
    }
}
