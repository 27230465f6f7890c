package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ChunkVerifierTest {
    private static final long TIME_NS = 1_700_000_000_123_456_789L;
    private static final byte[] PACKETS =
            ChunkFixtures.node("node-1")
                    .packets(
                            List.of(
                                    FixturePacket.ethernet("eth0", TIME_NS, new byte[61]),
                                    FixturePacket.ethernet("lo", TIME_NS + 1, new byte[33])));
    private static final byte[] ENTRIES =
            ChunkFixtures.node("node-1")
                    .journal(ChunkSource.OS, List.of(FixtureEntry.of(TIME_NS, "a"), FixtureEntry.of(TIME_NS, "b\n")));

    @Test
    void shouldDetectEverySingleFlippedBit() {
        for (byte[] chunk : List.of(PACKETS, ENTRIES)) {
            for (long bit = 0; bit < (long) chunk.length * Byte.SIZE; bit++) {
                MemorySegment flipped = MemorySegment.ofArray(Mutations.flipBit(chunk, bit));

                assertThat(HostileInput.isRefused(() -> ChunkVerifier.checkBytes(flipped, 0)))
                        .as("bit " + bit)
                        .isTrue();
            }
        }
    }

    @Test
    void shouldDetectEveryTruncation() {
        for (int length = 0; length < PACKETS.length; length++) {
            MemorySegment cut = MemorySegment.ofArray(PACKETS).asSlice(0, length);

            assertThat(HostileInput.isRefused(() -> ChunkVerifier.checkBytes(cut, 0))).as("length " + length).isTrue();
        }
    }

    @Test
    void shouldIgnoreWhatFollowsTheChunk() {
        byte[] file = ChunkFixtures.concatenate(List.of(PACKETS, ENTRIES, new byte[100]));
        MemorySegment segment = MemorySegment.ofArray(file);

        ChunkHeader first = ChunkVerifier.checkRecords(segment, 0);
        ChunkHeader second = ChunkVerifier.checkRecords(segment, first.lengthBytes());

        assertThat(first.source()).isEqualTo(ChunkSource.PACKETS);
        assertThat(second.source()).isEqualTo(ChunkSource.OS);
        assertThat(second.lengthBytes()).isEqualTo(ENTRIES.length);
    }

    @Test
    void shouldRefuseAnOpenChunk() {
        MemorySegment open =
                MemorySegment.ofArray(
                        ChunkFixtures.node("node-1")
                                .openPackets(List.of(FixturePacket.ethernet("eth0", TIME_NS, new byte[4]))));

        assertThatThrownBy(() -> ChunkVerifier.checkBytes(open, 0)).hasMessageContaining("length=-1");
    }

    /** Mutated first and sealed with right checksums after: only the walk over the records can find it. */
    @Property(tries = 2_000)
    void shouldRefuseOrReadAForgedBody(@ForAll long seed, @ForAll boolean journal) {
        byte[] chunk = journal ? ENTRIES : PACKETS;
        MemorySegment original = MemorySegment.ofArray(chunk);
        ChunkHeader header = ChunkVerifier.checkRecords(original, 0);
        int body = (int) ChunkVerifier.bodyOffset(original, 0);
        byte[] mutated = Mutations.mutate(original.asSlice(body).toArray(LittleEndian.U8), new Random(seed));
        byte[] whole = new byte[body + BlockDescriptor.align(mutated.length)];
        System.arraycopy(chunk, 0, whole, 0, body);
        System.arraycopy(mutated, 0, whole, body, mutated.length);
        MemorySegment forged = MemorySegment.ofArray(whole);
        reseal(forged, header);

        HostileInput.isRefused(() -> ChunkVerifier.checkRecords(forged, 0));
    }

    @Test
    void shouldRefuseAForgedInterface() {
        assertForgedIsRefused(
                EnhancedPacketBlockDescriptor.TYPE,
                "interface=2",
                (segment, block) -> EnhancedPacketBlock.setInterfaceId(segment, block, 2));
    }

    @Test
    void shouldRefuseAForgedCapturedLength() {
        assertForgedIsRefused(
                EnhancedPacketBlockDescriptor.TYPE,
                "captured length",
                (segment, block) ->
                        segment.set(
                                LittleEndian.U32, block + EnhancedPacketBlockDescriptor.CAPTURED_LENGTH_OFFSET, -1));
    }

    @Test
    void shouldRefuseAForgedTime() {
        assertForgedIsRefused(
                EnhancedPacketBlockDescriptor.TYPE,
                "times",
                (segment, block) ->
                        segment.set(LittleEndian.U32, block + EnhancedPacketBlockDescriptor.TIMESTAMP_LOW_OFFSET, 1));
    }

    @Test
    void shouldRefuseAForgedResolution() {
        assertForgedIsRefused(
                InterfaceDescriptionBlockDescriptor.TYPE,
                "nanoseconds",
                (segment, block) ->
                        segment.set(LittleEndian.U32, block + InterfaceDescriptionBlockDescriptor.OPTIONS_OFFSET, 0));
    }

    @Test
    void shouldRefuseANestedSection() {
        assertForgedIsRefused(
                EnhancedPacketBlockDescriptor.TYPE,
                "section",
                (segment, block) -> segment.set(LittleEndian.U32, block, SectionHeaderBlockDescriptor.TYPE));
    }

    @Test
    void shouldRefuseALostRecord() {
        assertForgedIsRefused(
                EnhancedPacketBlockDescriptor.TYPE,
                "1 records",
                (segment, block) -> segment.set(LittleEndian.U32, block, 0x7FFF));
    }

    @Test
    void shouldRefuseARecordOfAnotherSource() {
        MemorySegment forged = MemorySegment.ofArray(PACKETS.clone());
        ChunkHeader header = ChunkVerifier.checkRecords(forged, 0);
        codec(forged)
                .write(
                        forged,
                        0,
                        new ChunkHeader(
                                ChunkSource.OS,
                                0,
                                0,
                                header.recordCount(),
                                header.nodeIdHash(),
                                header.sequence(),
                                header.firstTimestampNs(),
                                header.lastTimestampNs(),
                                header.drops(),
                                header.bodyCrc(),
                                header.lengthBytes()));

        assertThatThrownBy(() -> ChunkVerifier.checkRecords(forged, 0)).hasMessageContaining("in a chunk of os");
    }

    private interface Forgery {
        void forge(MemorySegment segment, long block);
    }

    private static void assertForgedIsRefused(int blockType, String word, Forgery forgery) {
        MemorySegment segment = MemorySegment.ofArray(PACKETS.clone());
        ChunkHeader header = ChunkVerifier.checkRecords(segment, 0);
        BlockCursor blocks = new BlockCursor(segment, 0, segment.byteSize());
        while (blocks.next() && blocks.type() != blockType) {
            // On to the first of its kind.
        }
        forgery.forge(segment, blocks.offset());
        reseal(segment, header);

        assertThat(ChunkVerifier.checkBytes(segment, 0)).isNotNull();
        assertThatThrownBy(() -> ChunkVerifier.checkRecords(segment, 0))
                .hasMessageContaining(word)
                .hasMessageContaining("offset=");
    }

    private static void reseal(MemorySegment segment, ChunkHeader header) {
        long body = ChunkVerifier.bodyOffset(segment, 0);
        codec(segment)
                .write(
                        segment,
                        0,
                        new ChunkHeader(
                                header.source(),
                                header.flags(),
                                header.writer(),
                                header.recordCount(),
                                header.nodeIdHash(),
                                header.sequence(),
                                header.firstTimestampNs(),
                                header.lastTimestampNs(),
                                header.drops(),
                                Crc32c.of(segment.asSlice(body)),
                                segment.byteSize()));
    }

    private static ChunkHeaderCodec codec(MemorySegment segment) {
        ChunkHeaderCodec codec = new ChunkHeaderCodec(new NodeId("node-1"), "hindsight test");
        assertThat((long) codec.sectionHeaderLength()).isEqualTo(ChunkVerifier.bodyOffset(segment, 0));
        return codec;
    }
}
