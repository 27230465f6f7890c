package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ChunkChannelContract;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The two ends of a stream in pieces, over a bus within this process: what every channel does, and what offers add. */
class ClusteredChannelTest extends ChunkChannelContract {
    private static final int LARGE_PACKETS = 70;

    private PieceRig rig = PieceRig.local(64L << 20);

    @AfterEach
    void nothingIsLeft() {
        rig.holding = false;
        rig.releaseAll();
        rig.endStream();
        await().untilAsserted(() -> assertThat(rig.memory.usedBytes()).isZero());
        assertThat(rig.broken).isEmpty();
        rig.close();
    }

    private void withMemory(long bytes) {
        rig.close();
        rig = PieceRig.local(bytes);
    }

    @Override
    protected ChunkChannel connected() {
        return rig.open();
    }

    @Override
    protected ChunkChannel broken() {
        ChunkChannel channel = rig.open();
        rig.stopHub();
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
    private static Chunk large(long sequence, AtomicInteger released) {
        Random random = new Random(sequence);
        List<FixturePacket> content = new ArrayList<>();
        for (int packet = 0; packet < LARGE_PACKETS; packet++) {
            byte[] data = new byte[60_000];
            random.nextBytes(data);
            content.add(FixturePacket.ethernet("eth0", packet, data));
        }
        byte[] bytes = ChunkFixtures.node("node-a").sequence(sequence).packets(content);
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return new Chunk(ChunkFixtures.asChunk(bytes).header(), List.of(memory), released::incrementAndGet);
    }

    @Test
    void shouldCarryLargeChunksAndGiveEachBackOnce() {
        AtomicInteger released = new AtomicInteger();
        ChunkChannel channel = connected();
        List<byte[]> sent = new ArrayList<>();
        for (long sequence = 1; sequence <= 12; sequence++) {
            Chunk chunk = large(sequence, released);
            sent.add(bytes(chunk));
            channel.send(chunk).await();
        }
        StreamEnd end = new StreamEnd("node-a", 12, 1, List.of(), null, null);
        channel.end(end).await();
        assertThat(released).as("written before the end is told").hasValue(12);
        await().until(() -> !rig.ends.isEmpty());
        assertThat(rig.chunks).containsExactlyElementsOf(sent);
        channel.close();
    }

    @Test
    void shouldSendNothingThatHasNoRoomAndGoOnWhenThereIsSome() {
        AtomicInteger released = new AtomicInteger();
        long length = large(1, released).lengthBytes();
        withMemory(2 * length);
        rig.holding = true;
        ChunkChannel channel = connected();
        List<Future<Void>> sending = new ArrayList<>();
        for (int sequence = 1; sequence <= 6; sequence++) {
            sending.add(channel.send(large(sequence, released)));
            int held = Math.min(sequence, 2);
            await().until(() -> rig.held.size() == held);
            if (sequence > 2) {
                await().until(() -> rig.memory.waitingCount() == 1);
                assertThat(rig.pieceBytes()).as("of those with room").isEqualTo((sequence - 1) * length);
                rig.releaseOne();
            }
        }
        await().until(() -> rig.chunks.size() == 6);
        await().until(() -> sending.stream().allMatch(Future::succeeded));
        channel.close();
    }

    @Test
    void shouldTakeTwoChunksThatHaveNoRoomAndGiveThemBackWhenItIsClosed() {
        AtomicInteger released = new AtomicInteger();
        withMemory(large(1, released).lengthBytes());
        rig.holding = true;
        ChunkChannel channel = connected();
        channel.send(large(1, released)).await();
        await().until(() -> rig.held.size() == 1);
        channel.send(large(2, released)).await();
        Future<Void> third = channel.send(large(3, released));
        assertThat(third.isComplete()).isFalse();
        channel.close();
        await().until(third::failed);
        await().untilAsserted(() -> assertThat(released).hasValue(3));
    }

    @Test
    void shouldTellOfABreakWhileTheSessionWaits() {
        AtomicInteger released = new AtomicInteger();
        withMemory(large(1, released).lengthBytes());
        rig.holding = true;
        ChunkChannel channel = connected();
        AtomicReference<Throwable> told = new AtomicReference<>();
        channel.onBreak(told::set);
        channel.send(large(1, released)).await();
        await().until(() -> rig.held.size() == 1);
        channel.send(large(2, released)).await();
        rig.endStream();
        await().until(() -> told.get() != null);
        assertThat(told.get()).hasMessageContaining("takes no more chunks");
        await().untilAsserted(() -> assertThat(released).hasValue(2));
    }
}
