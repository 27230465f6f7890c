package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ChunkHeaderCodecTest {
    private static final int CHUNK_OFFSET = 8;

    private final ChunkHeaderCodec codec = new ChunkHeaderCodec(new NodeId("node-1.example"), "hindsight 0.1.0");

    @Property(tries = 500)
    void shouldReadEveryHeaderThatWasWritten(@ForAll("headers") ChunkHeader header) {
        MemorySegment segment = MemorySegment.ofArray(new byte[CHUNK_OFFSET + codec.sectionHeaderLength()]);

        codec.write(segment, CHUNK_OFFSET, header);

        assertThat(ChunkHeaderCodec.read(segment, CHUNK_OFFSET)).isEqualTo(header);
        BlockCursor blocks = new BlockCursor(segment, CHUNK_OFFSET, segment.byteSize());
        assertThat(blocks.next()).isTrue();
        assertThat(blocks.type()).isEqualTo(SectionHeaderBlockDescriptor.TYPE);
        assertThat(blocks.length()).isEqualTo(codec.sectionHeaderLength());
        assertThat(ChunkVerifier.bodyOffset(segment, CHUNK_OFFSET)).isEqualTo(segment.byteSize());
    }

    @Property(tries = 2_000)
    void shouldRefuseEveryMutatedHeader(@ForAll long seed) {
        byte[] bytes = written(header(ChunkHeader.LENGTH_UNKNOWN));
        byte[] mutated = Mutations.mutate(bytes, new Random(seed));

        boolean refused = HostileInput.isRefused(() -> ChunkHeaderCodec.read(MemorySegment.ofArray(mutated), 0));

        int mismatch = Arrays.mismatch(bytes, mutated);
        assertThat(refused).isEqualTo(mismatch >= 0 && mismatch < bytes.length);
    }

    /** Damage that a checksum would find anyway is easy; these headers carry a right checksum over wrong fields. */
    @Property(tries = 2_000)
    void shouldRefuseOrReadAForgedHeader(
            @ForAll @IntRange(min = 0, max = 147) int offset, @ForAll int value, @ForAll boolean extreme) {
        byte[] bytes = written(header(ChunkHeader.LENGTH_UNKNOWN));
        MemorySegment segment = MemorySegment.ofArray(bytes);
        int at = Math.min(offset, bytes.length - Integer.BYTES);
        segment.set(LittleEndian.U32, at, extreme ? value >> 31 : value);
        seal(segment);

        HostileInput.isRefused(() -> ChunkHeaderCodec.read(segment, 0));
    }

    @Test
    void shouldRefuseEveryFieldOutsideItsRangeEvenWithARightChecksum() {
        assertForgedIsRefused(ChunkHeaderDescriptor.MAGIC_OFFSET, 0, "magic");
        assertForgedIsRefused(ChunkHeaderDescriptor.VERSION_OFFSET, 0x0001_0002, "version");
        assertForgedIsRefused(ChunkHeaderDescriptor.SOURCE_OFFSET, 9, "source=9");
        assertForgedIsRefused(ChunkHeaderDescriptor.RECORD_COUNT_OFFSET, -1, "record count");
        assertForgedIsRefused(ChunkHeaderDescriptor.SEQUENCE_OFFSET + 4, -1, "sequence");
        assertForgedIsRefused(ChunkHeaderDescriptor.LAST_TIMESTAMP_OFFSET + 4, -1, "timestamp");
        assertForgedIsRefused(ChunkHeaderDescriptor.DROPS_OFFSET + 28, -1, "drops");
    }

    private void assertForgedIsRefused(int field, int value, String word) {
        MemorySegment segment = MemorySegment.ofArray(written(header(ChunkHeader.LENGTH_UNKNOWN)));
        int offset = ChunkHeaderDescriptor.OFFSET_IN_CHUNK + field;
        segment.set(LittleEndian.U32, offset, value);
        seal(segment);

        assertThatThrownBy(() -> ChunkHeaderCodec.read(segment, 0))
                .hasMessageContaining(word)
                .hasMessageMatching(".*offset=(" + offset + "|" + (offset - 4) + "|" + (offset - 12) + "):.*");
    }

    @Test
    void shouldRefuseToWriteALengthThatItWouldNotRead() {
        MemorySegment segment = MemorySegment.ofArray(new byte[codec.sectionHeaderLength()]);

        for (long length :
                new long[] {
                    0,
                    codec.sectionHeaderLength() - 4,
                    codec.sectionHeaderLength() + 2,
                    ChunkHeaderCodec.MAX_CHUNK_LENGTH + 4,
                    -2
                }) {
            assertThatThrownBy(() -> codec.write(segment, 0, header(length)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lengthBytes=" + length);
        }
    }

    @Test
    void shouldPlaceTheChunkHeaderAt28() {
        byte[] bytes = written(header(ChunkHeader.LENGTH_UNKNOWN));

        assertThat(new String(bytes, 28, 4, StandardCharsets.US_ASCII)).isEqualTo("HSCK");
        assertThat(codec.sectionHeaderLength() % 4).isZero();
    }

    private byte[] written(ChunkHeader header) {
        byte[] bytes = new byte[codec.sectionHeaderLength()];
        codec.write(MemorySegment.ofArray(bytes), 0, header);
        return bytes;
    }

    private static ChunkHeader header(long lengthBytes) {
        return new ChunkHeader(ChunkSource.PACKETS, 0, 1, 2, 3, 4, 5, 6, ChunkHeader.NO_DROPS, 7, lengthBytes);
    }

    /** Puts the right header CRC in, computed here anew. */
    private static void seal(MemorySegment segment) {
        long field = ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.HEADER_CRC_OFFSET;
        segment.set(LittleEndian.U32, field, 0);
        CRC32C crc = new CRC32C();
        crc.update(segment.toArray(LittleEndian.U8));
        segment.set(LittleEndian.U32, field, (int) crc.getValue());
    }

    @Provide
    Arbitrary<ChunkHeader> headers() {
        Arbitrary<Long> counts = Arbitraries.longs().greaterOrEqual(0);
        Arbitrary<Long> lengths =
                Arbitraries.longs()
                        .between(codec.sectionHeaderLength() / 4, ChunkHeaderCodec.MAX_CHUNK_LENGTH / 4)
                        .map(words -> words * 4);
        return Combinators.combine(
                        Arbitraries.of(ChunkSource.class),
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().between(0, 65_535),
                        Arbitraries.integers().greaterOrEqual(0),
                        Arbitraries.longs().tuple4(),
                        counts.list().ofSize(4),
                        Arbitraries.integers(),
                        Arbitraries.oneOf(lengths, Arbitraries.of(ChunkHeader.LENGTH_UNKNOWN)))
                .as((source, flags, writer, records, longs, drops, crc, length) ->
                        new ChunkHeader(
                                source,
                                flags,
                                writer,
                                records,
                                longs.get1(),
                                Math.max(1, longs.get2()),
                                Math.min(longs.get3(), longs.get4()),
                                Math.max(longs.get3(), longs.get4()),
                                List.copyOf(drops),
                                crc,
                                length));
    }
}
