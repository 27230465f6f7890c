package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.pcapng.NameResolutionBlock;
import io.hindsight.pcapng.NameResolutionBlockDescriptor;
import io.hindsight.pcapng.ResolvedName;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Feeds damaged files to every reader of this module for a while: {@code -Dhindsight.fuzz.seconds=N}, two seconds unless set. A failure
 * names the seed of its round; {@code -Dhindsight.fuzz.seed=N} starts there.
 */
class ReaderFuzzTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("hindsight.fuzz.seconds", 2));
    private static final long FIRST_SEED = Long.getLong("hindsight.fuzz.seed", 1);
    private static final Duration ROUND_LIMIT = Duration.ofSeconds(5);
    private static final long TIME_NS = 1_700_000_000_123_456_789L;

    @Test
    void shouldReadOrRefuseWhateverItIsGiven() throws UnknownHostException {
        List<byte[]> corpus = corpus();
        long end = System.nanoTime() + DURATION.toNanos();
        long refused = 0;
        long seed = FIRST_SEED;
        for (; System.nanoTime() < end; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] mutated = Mutations.mutate(corpus.get(random.nextInt(corpus.size())), random);
            long start = System.nanoTime();
            refused += refusals(mutated, seed);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("seed " + seed).isLessThan(ROUND_LIMIT);
        }
        // Neither a reader that swallows everything nor damage that damages nothing.
        assertThat(refused).isGreaterThan(0);
    }

    private static int refusals(byte[] bytes, long seed) {
        MemorySegment segment = MemorySegment.ofArray(bytes);
        try {
            return (HostileInput.isRefused(() -> ChunkHeaderCodec.read(segment, 0)) ? 1 : 0)
                    + (HostileInput.isRefused(() -> ChunkVerifier.checkRecords(segment, 0)) ? 1 : 0)
                    + (HostileInput.isRefused(() -> readBlocks(segment)) ? 1 : 0);
        } catch (RuntimeException | Error e) {
            throw new AssertionError("Fuzzing fails with -Dhindsight.fuzz.seed=" + seed, e);
        }
    }

    /** As a reader that skips checksums does. */
    private static void readBlocks(MemorySegment segment) {
        BlockCursor blocks = new BlockCursor(segment, 0, segment.byteSize());
        while (blocks.next()) {
            switch (blocks.type()) {
                case InterfaceDescriptionBlockDescriptor.TYPE ->
                        assertThat(InterfaceDescription.read(segment, blocks.offset())).isNotNull();
                case NameResolutionBlockDescriptor.TYPE ->
                        assertThat(NameResolutionBlock.read(segment, blocks.offset())).isNotNull();
                case JournalExportBlockDescriptor.TYPE ->
                        assertThat(new JournalEntryReader(segment, blocks.offset()).fields()).isNotNull();
                case EnhancedPacketBlockDescriptor.TYPE -> readPacket(segment, blocks);
                default -> {
                    // Nothing of it is read.
                }
            }
        }
    }

    private static void readPacket(MemorySegment segment, BlockCursor blocks) {
        if (EnhancedPacketBlock.isSound(segment, blocks.offset(), blocks.length())) {
            long data = blocks.offset() + EnhancedPacketBlockDescriptor.DATA_OFFSET;
            int length = EnhancedPacketBlock.capturedLength(segment, blocks.offset());
            assertThat(segment.asSlice(data, length).byteSize()).isEqualTo(length);
        }
    }

    private static List<byte[]> corpus() throws UnknownHostException {
        ChunkFixtures node = ChunkFixtures.node("node-1");
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            packets.add(FixturePacket.ethernet("eth" + i % 3, TIME_NS + i, new byte[20 + i]));
        }
        byte[] names =
                NameResolutionBlock.encode(
                        List.of(
                                new ResolvedName(InetAddress.getByAddress(new byte[4]), List.of("pod-a", "svc-a")),
                                new ResolvedName(InetAddress.getByAddress(new byte[16]), List.of("pod-b"))));
        FixtureEntry entry = new FixtureEntry(TIME_NS, Map.of("MESSAGE", "two\nlines", "OS_COMM", "curl"));
        byte[] journal = node.journal(ChunkSource.KUBERNETES, List.of(entry, FixtureEntry.of(TIME_NS + 1, "one")));
        return List.of(
                node.packets(packets),
                node.openPackets(packets),
                journal,
                names,
                ChunkFixtures.concatenate(List.of(node.packets(packets), journal, names)));
    }
}
