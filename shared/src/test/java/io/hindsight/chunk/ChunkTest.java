package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private final byte[] bytes =
            ChunkFixtures.node("n").packets(List.of(FixturePacket.ethernet("eth0", 1, new byte[60])));
    private final ChunkHeader header = ChunkVerifier.checkBytes(MemorySegment.ofArray(bytes), 0);

    @Test
    void shouldHandOutReadOnlyPartsWithPositionsOfTheirOwn() {
        Chunk chunk =
                Chunk.unowned(
                        header,
                        List.of(ByteBuffer.wrap(bytes, 0, 100), ByteBuffer.wrap(bytes, 100, bytes.length - 100)));

        chunk.parts()[0].position(50);

        assertThat(chunk.parts()[0].remaining()).isEqualTo(100);
        assertThat(chunk.parts()[0].isReadOnly()).isTrue();
        assertThat(chunk.lengthBytes()).isEqualTo(bytes.length);
        assertThat(Crc32c.of(List.of(chunk.parts()))).isEqualTo(Crc32c.of(MemorySegment.ofArray(bytes)));
    }

    @Test
    void shouldRefusePartsThatAreNotTheWholeChunk() {
        assertThatThrownBy(() -> Chunk.unowned(header, List.of(ByteBuffer.allocate(10))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 bytes");
    }

    @Test
    void shouldReleaseOnce() {
        AtomicInteger released = new AtomicInteger();
        Chunk chunk = new Chunk(header, List.of(ByteBuffer.wrap(bytes)), released::incrementAndGet);

        chunk.release();
        chunk.release();

        assertThat(released).hasValue(1);
    }

    /** RFC 3720, appendix B.4, and the check value of the algorithm. */
    @Test
    void shouldComputeCrc32cAsTheStandardSays() {
        assertThat(Crc32c.of(MemorySegment.ofArray(new byte[32]))).isEqualTo(0x8A91_36AA);
        assertThat(Crc32c.of(MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo(0xE306_9283);
        assertThat(Crc32c.of(MemorySegment.ofArray(new byte[0]).asReadOnly())).isZero();
    }
}
