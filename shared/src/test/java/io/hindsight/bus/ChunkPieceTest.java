package io.hindsight.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.chunk.Chunk;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunks cut into pieces, over the wire's form, and put together again. */
class ChunkPieceTest {
    private static final ChunkPieceCodec CODEC = new ChunkPieceCodec();

    private final PieceAssembler assembler = new PieceAssembler();

    private static Chunk chunk(long sequence) {
        FixturePacket packet = FixturePacket.ethernet("eth0", sequence, new byte[60]);
        return ChunkFixtures.asChunk(ChunkFixtures.node("node-1").sequence(sequence).packets(List.of(packet, packet)));
    }

    private static ChunkPiece overTheWire(ChunkPiece piece) {
        Buffer wire = Buffer.buffer("what stands before");
        int position = wire.length();
        CODEC.encodeToWire(wire, piece);
        return CODEC.decodeFromWire(position, wire);
    }

    private static List<ChunkPiece> pieces(long number, Chunk chunk, int maxBytes) {
        List<ChunkPiece> pieces = new ArrayList<>();
        new ChunkPieces(number, chunk, maxBytes).forEachRemaining(pieces::add);
        return pieces;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, ChunkPiece.MAX_BYTES})
    void shouldPutTogetherWhatWasCut(int maxBytes) {
        for (int number = 0; number < 3; number++) {
            Chunk sent = chunk(number + 1);
            AtomicInteger released = new AtomicInteger();
            Optional<Chunk> received = Optional.empty();

            for (ChunkPiece piece : pieces(number, sent, maxBytes)) {
                assertThat(received).isEmpty();
                received = assembler.add(overTheWire(piece), released::incrementAndGet);
            }

            Chunk whole = received.orElseThrow();
            assertThat(whole.header()).isEqualTo(sent.header());
            assertThat(bytes(whole)).isEqualTo(bytes(sent));
            whole.release();
            assertThat(released).hasValue(1);
        }
    }

    @Test
    void shouldRefuseAPieceThatIsMissingOrComesTwice() {
        List<ChunkPiece> pieces = pieces(0, chunk(1), 16);
        assembler.add(pieces.get(0), () -> {});

        assertThatThrownBy(() -> assembler.add(pieces.get(2), () -> {})).isInstanceOf(HindsightException.class);
        assertThatThrownBy(() -> assembler.add(pieces.get(0), () -> {})).isInstanceOf(HindsightException.class);
    }

    @Test
    void shouldRefuseLengthsThatAreNotPossible() {
        Buffer some = Buffer.buffer(new byte[16]);
        List<ChunkPiece> impossible =
                List.of(
                        new ChunkPiece(0, 0, 15, some),
                        new ChunkPiece(0, 0, -1, some),
                        new ChunkPiece(0, 0, Integer.MAX_VALUE, some),
                        new ChunkPiece(0, 0, 16, Buffer.buffer()),
                        new ChunkPiece(0, 0, 16, some)); // whole, and no chunk

        for (ChunkPiece piece : impossible) {
            assertThatThrownBy(() -> assembler.add(piece, () -> {})).isInstanceOf(HindsightException.class);
        }
    }

    private static byte[] bytes(Chunk chunk) {
        Buffer all = Buffer.buffer();
        for (ByteBuffer part : chunk.parts()) {
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            all.appendBytes(copy);
        }
        return all.getBytes();
    }
}
