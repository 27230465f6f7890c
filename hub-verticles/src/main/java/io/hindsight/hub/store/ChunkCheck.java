package io.hindsight.hub.store;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Checks a chunk that arrived, before a byte of it is written: both CRCs, its node, and that the message tells what the bytes tell. */
public final class ChunkCheck {
    private ChunkCheck() {}

    /** INTEGRITY_VIOLATED where it is not a sound chunk of the node. Touches all of it: for workers. */
    public static void check(Chunk chunk, NodeId node) {
        ByteBuffer[] parts = chunk.parts();
        MemorySegment first = MemorySegment.ofBuffer(parts[0]);
        ChunkHeader header = ChunkHeaderCodec.read(first, 0);
        require(header.equals(chunk.header()), header, "its message carries another header than its bytes");
        require(header.nodeIdHash() == node.hash(), header, "it belongs to another node than " + node);
        parts[0].position(parts[0].position() + Math.toIntExact(ChunkVerifier.bodyOffset(first, 0)));
        int crc = Crc32c.of(Arrays.asList(parts));
        require(
                crc == header.bodyCrc(),
                header,
                "its body's CRC32C is "
                        + Integer.toHexString(crc)
                        + ", its header says "
                        + Integer.toHexString(header.bodyCrc()));
    }

    private static void require(boolean holds, ChunkHeader header, String problem) {
        if (!holds) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "A chunk was refused: source="
                            + header.source().label()
                            + " sequence="
                            + header.sequence()
                            + ": "
                            + problem
                            + ".");
        }
    }
}
