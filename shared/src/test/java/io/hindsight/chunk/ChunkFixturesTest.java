package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkFixturesTest {
    private static final long TIME_NS = 1_700_000_000_123_456_789L;

    @Test
    void shouldMakeChunksThatVerify() {
        byte[] chunk =
                ChunkFixtures.node("node-1")
                        .sequence(7)
                        .writer(3)
                        .drops(1L, 2L, 3L, 4L)
                        .packets(
                                List.of(
                                        FixturePacket.ethernet("eth0", TIME_NS, new byte[61]),
                                        FixturePacket.ethernet("lo", TIME_NS - 5, new byte[0])));

        ChunkHeader header = ChunkVerifier.checkRecords(MemorySegment.ofArray(chunk), 0);

        assertThat(header.source()).isEqualTo(ChunkSource.PACKETS);
        assertThat(header.sequence()).isEqualTo(7);
        assertThat(header.writer()).isEqualTo(3);
        assertThat(header.recordCount()).isEqualTo(2);
        assertThat(header.nodeIdHash()).isEqualTo(new NodeId("node-1").hash());
        assertThat(header.firstTimestampNs()).isEqualTo(TIME_NS - 5);
        assertThat(header.lastTimestampNs()).isEqualTo(TIME_NS);
        assertThat(header.dropped(DropCause.OVERSIZE)).isEqualTo(3);
        assertThat(header.lengthBytes()).isEqualTo(chunk.length);
    }

    @Test
    void shouldMakeJournalChunksThatVerify() {
        byte[] chunk =
                ChunkFixtures.node("node-1")
                        .journal(
                                ChunkSource.OS,
                                List.of(FixtureEntry.of(TIME_NS, "one"), FixtureEntry.of(TIME_NS + 1, "two\nlines")));

        ChunkHeader header = ChunkVerifier.checkRecords(MemorySegment.ofArray(chunk), 0);

        assertThat(header.source()).isEqualTo(ChunkSource.OS);
        assertThat(header.recordCount()).isEqualTo(2);
        assertThat(header.lastTimestampNs()).isEqualTo(TIME_NS + 1);
    }

    @Test
    void shouldMakeOpenChunks() {
        byte[] chunk =
                ChunkFixtures.node("node-1")
                        .openPackets(List.of(FixturePacket.ethernet("eth0", TIME_NS, new byte[64])));

        ChunkHeader header = ChunkHeaderCodec.read(MemorySegment.ofArray(chunk), 0);

        assertThat(header.lengthBytes()).isEqualTo(ChunkHeader.LENGTH_UNKNOWN);
        assertThat(header.has(ChunkFlag.OPEN_PREFIX)).isTrue();
    }
}
