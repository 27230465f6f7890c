package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChunkShareTest {
    private static final byte[] BYTES =
            ChunkFixtures.node("node-1")
                    .sequence(1)
                    .packets(List.of(FixturePacket.ethernet("eth0", 1_000_000_000L, new byte[60])));

    private final AtomicInteger givenBack = new AtomicInteger();

    private Chunk chunk() {
        Chunk unowned = ChunkFixtures.asChunk(BYTES);
        return new Chunk(unowned.header(), List.of(unowned.parts()), givenBack::incrementAndGet);
    }

    @Test
    void shouldGiveItsMemoryBackOnceAllHaveGivenItBack() {
        Chunk chunk = chunk();
        List<Chunk> shares = chunk.share(3);
        chunk.release();
        shares.get(0).release();
        shares.get(0).release();
        shares.get(2).release();
        assertThat(givenBack).hasValue(0);
        shares.get(1).release();
        assertThat(givenBack).hasValue(1);
    }

    @Test
    void shouldBeTheSameBytesForEachAndNobodysPosition() {
        List<Chunk> shares = chunk().share(2);
        ByteBuffer one = shares.get(0).parts()[0];
        one.position(one.limit());
        assertThat(shares.get(0).parts()[0]).isEqualTo(ByteBuffer.wrap(BYTES));
        assertThat(shares.get(1).parts()[0]).isEqualTo(ByteBuffer.wrap(BYTES));
        assertThat(shares.get(1).header()).isEqualTo(shares.get(0).header());
    }
}
