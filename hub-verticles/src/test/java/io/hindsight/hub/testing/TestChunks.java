package io.hindsight.hub.testing;

import io.hindsight.chunk.Chunk;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Real chunks of random packets. */
public final class TestChunks {
    /** Time of the first packet: 2026-11-22T21:00:00Z. */
    public static final long START_NS = 1_795_381_200_000_000_000L;

    private TestChunks() {}

    /** So many chunks of so many packets of 200 bytes; the packets are a microsecond apart. */
    public static List<byte[]> packets(String node, int chunkCount, int packetsPerChunk) {
        Random random = new Random(node.hashCode());
        List<byte[]> chunks = new ArrayList<>();
        long timeNs = START_NS;
        for (int chunk = 1; chunk <= chunkCount; chunk++) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int packet = 0; packet < packetsPerChunk; packet++) {
                byte[] data = new byte[200];
                random.nextBytes(data);
                packets.add(FixturePacket.ethernet("eth" + packet % 2, timeNs, data));
                timeNs += 1_000;
            }
            chunks.add(ChunkFixtures.node(node).sequence(chunk).packets(packets));
        }
        return chunks;
    }

    /** Fresh messages of these bytes each time. */
    public static Supplier<List<Chunk>> messages(List<byte[]> chunks) {
        return () -> chunks.stream().map(ChunkFixtures::asChunk).toList();
    }

    /** The message for bytes that are broken: with the header of the sound ones. */
    public static Chunk broken(byte[] sound, int flippedByte) {
        byte[] bytes = sound.clone();
        bytes[flippedByte] ^= 1;
        return Chunk.unowned(ChunkFixtures.asChunk(sound).header(), List.of(ByteBuffer.wrap(bytes)));
    }
}
