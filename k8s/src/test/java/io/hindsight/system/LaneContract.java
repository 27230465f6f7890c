package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ChunkChannelContract;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.NettyLeaks;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lane's two ends together: what every channel does, and what a socket adds. */
abstract class LaneContract extends ChunkChannelContract {
    private final NettyLeaks leaks = NettyLeaks.watch();
    private final LaneRig rig;

    /** How the two ends are set up. */
    record Ends(HttpServerOptions hub, NetClientOptions agent) {}

    LaneContract(Ends ends) {
        rig = new LaneRig(ends.hub(), ends.agent());
    }

    @AfterEach
    void nothingIsLeft() {
        rig.holding = false;
        rig.held.forEach(Chunk::release);
        await().untilAsserted(() -> assertThat(rig.memory.usedBytes()).isZero());
        rig.close();
        leaks.assertNone();
    }

    private ChunkChannel open(long creditBytes) {
        return rig.open(rig.order(creditBytes)).await();
    }

    @Override
    protected ChunkChannel connected() {
        return open(64L << 20);
    }

    @Override
    protected ChunkChannel broken() {
        String token = rig.order(1 << 20);
        ChunkChannel channel = rig.open(token).await();
        AtomicReference<Throwable> told = new AtomicReference<>();
        channel.onBreak(told::set);
        rig.tokens.revoke(token);
        await().until(() -> told.get() != null);
        return channel;
    }

    @Override
    protected List<byte[]> receivedChunks() {
        return rig.chunks;
    }

    @Override
    protected List<StreamEnd> receivedEnds() {
        return rig.ends;
    }

    /** In direct memory, as a ring's slices are. */
    private static Chunk large(long sequence, int packets, AtomicInteger released) {
        Random random = new Random(sequence);
        List<FixturePacket> content = new ArrayList<>();
        for (int packet = 0; packet < packets; packet++) {
            byte[] data = new byte[60_000];
            random.nextBytes(data);
            content.add(FixturePacket.ethernet("eth0", packet, data));
        }
        byte[] bytes = ChunkFixtures.node("node-a").sequence(sequence).packets(content);
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        ByteBuffer header = memory.slice(0, 1_000);
        ByteBuffer rest = memory.slice(1_000, bytes.length - 1_000);
        return new Chunk(ChunkFixtures.asChunk(bytes).header(), List.of(header, rest), released::incrementAndGet);
    }

    private static byte[] copy(Chunk chunk) {
        return bytes(chunk);
    }

    @Test
    void shouldCarryLargeChunksAndGiveEachBackOnce() {
        AtomicInteger released = new AtomicInteger();
        ChunkChannel channel = connected();
        List<byte[]> sent = new ArrayList<>();
        for (long sequence = 1; sequence <= 12; sequence++) {
            Chunk chunk = large(sequence, 70, released);
            sent.add(copy(chunk));
            channel.send(chunk).await();
        }
        StreamEnd end = new StreamEnd("node-a", 12, 1, List.of(), null, null);
        channel.end(end).await();
        assertThat(released).as("written before the end is told").hasValue(12);
        await().until(() -> rig.chunks.size() == 12);
        assertThat(rig.chunks).containsExactlyElementsOf(sent);
        channel.close();
    }

    @Test
    void shouldTellOfABreakWhileNothingIsSent() {
        ChunkChannel channel = broken();
        AtomicReference<Throwable> late = new AtomicReference<>();
        channel.onBreak(late::set);
        await().until(() -> late.get() != null);
        assertThat(late.get()).hasMessageContaining("is broken");
    }

    @Test
    void shouldTakeFewChunksThatNobodyReadsAndGiveThemBackWhenItIsClosed() {
        AtomicInteger released = new AtomicInteger();
        rig.holding = true;
        ChunkChannel channel = open(1);
        int sent = 0;
        Future<Void> last = Future.succeededFuture();
        while (last.isComplete() && sent < 40) {
            sent++;
            last = channel.send(large(sent, 70, released));
            Future<Void> waited = last;
            try {
                await().atMost(2, TimeUnit.SECONDS).until(waited::isComplete);
            } catch (ConditionTimeoutException full) {
                break;
            }
        }
        int taken = sent;
        assertThat(last.isComplete()).as("taken %d chunks of 4 MiB", taken).isFalse();
        assertThat(taken - released.get()).as("chunks in the channel").isLessThanOrEqualTo(2);
        channel.close();
        await().untilAsserted(() -> assertThat(released).hasValue(taken));
        await().until(last::failed);
    }

    @Test
    void shouldSayInTheHubsWordsWhyThereIsNoLane() {
        String used = rig.order(1);
        rig.open(used).await().close();
        assertThatThrownBy(() -> rig.open(used).await())
                .isInstanceOfSatisfying(
                        HindsightException.class, refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN))
                .hasMessageContaining("status=403")
                .hasMessageContaining("it opens one lane, once");
        assertThatThrownBy(() -> rig.open(null).await()).hasMessageContaining("names the token of a lane");
        assertThatThrownBy(() -> rig.open("a\r\nb: c").await()).hasMessageContaining("names the token of a lane");
    }

    @Test
    void shouldSaySoWhereTheHubIsAway() {
        String token = rig.order(1);
        rig.stopHub();
        assertThatThrownBy(() -> rig.open(token).await())
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        away -> assertThat(away.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE));
    }
}
