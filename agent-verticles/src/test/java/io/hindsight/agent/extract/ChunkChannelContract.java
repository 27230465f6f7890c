package io.hindsight.agent.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link ChunkChannel} does. Other modules see it in this module's test jar. */
public abstract class ChunkChannelContract {
    /** A channel to a receiver that keeps everything. */
    protected abstract ChunkChannel connected();

    /** A channel whose other end has gone. */
    protected abstract ChunkChannel broken();

    /** Chunks that the receiver has got, as bytes. */
    protected abstract List<byte[]> receivedChunks();

    protected abstract List<StreamEnd> receivedEnds();

    private static byte[] chunkBytes(long sequence) {
        return ChunkFixtures.node("node-a")
                .sequence(sequence)
                .packets(List.of(FixturePacket.ethernet("eth0", sequence, new byte[60])));
    }

    private static void send(ChunkChannel channel, Chunk chunk) {
        channel.send(chunk).toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** A copy of its bytes. */
    protected static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    @Test
    void shouldDeliverChunksInOrderAndThenTheEnd() {
        ChunkChannel channel = connected();
        for (long sequence = 1; sequence <= 20; sequence++) {
            send(channel, ChunkFixtures.asChunk(chunkBytes(sequence)));
        }
        StreamEnd end = new StreamEnd("node-a", 20, 1, List.of(), null, null);
        channel.end(end).toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
        await().until(() -> !receivedEnds().isEmpty());
        assertThat(receivedEnds()).containsExactly(end);
        assertThat(receivedChunks()).hasSize(20);
        for (int index = 0; index < 20; index++) {
            assertThat(receivedChunks().get(index)).isEqualTo(chunkBytes(index + 1));
        }
    }

    /** As of a stream that several sessions share. */
    @Test
    void shouldCarryMoreBehindTheEndOfOneOfSeveral() {
        ChunkChannel channel = connected();
        List<StreamEnd> told = new ArrayList<>();
        for (long sequence = 1; sequence <= 6; sequence++) {
            send(channel, ChunkFixtures.asChunk(chunkBytes(sequence)));
            if (sequence % 2 == 0) {
                StreamEnd end = new StreamEnd("node-a", sequence, 1, List.of(), null, null, "snapshot-" + sequence);
                told.add(end);
                channel.end(end).toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
            }
        }
        await().until(() -> receivedEnds().size() == told.size() && receivedChunks().size() == 6);
        assertThat(receivedEnds()).isEqualTo(told);
        channel.close();
    }

    @Test
    void shouldFailAndReleaseTheChunkWhereNobodyTakesIt() {
        AtomicInteger released = new AtomicInteger();
        Chunk fixture = ChunkFixtures.asChunk(chunkBytes(1));
        Chunk chunk = new Chunk(fixture.header(), List.of(fixture.parts()), released::incrementAndGet);
        assertThat(broken().send(chunk).toCompletionStage().toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS);
        assertThat(released).hasValue(1);
    }
}
