package io.hindsight.hub.export;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What the packet at which a chunk stands says of its ends: decoded once, whoever asks. Owned by the export's thread. */
final class PacketReader {
    private final PacketTuple tuple = new PacketTuple();
    private @Nullable OpenChunk lastChunk;
    private long lastOffset;
    private boolean isIp;

    /** Null where it is no IP packet. The same object every time. */
    @Nullable PacketTuple at(OpenChunk chunk) {
        if (chunk != lastChunk || chunk.offset() != lastOffset) {
            lastChunk = chunk;
            lastOffset = chunk.offset();
            isIp = decode(chunk);
        }
        return isIp ? tuple : null;
    }

    private boolean decode(OpenChunk chunk) {
        MemorySegment segment = chunk.segment();
        long block = chunk.offset();
        return tuple.decode(
                segment,
                block + EnhancedPacketBlockDescriptor.DATA_OFFSET,
                EnhancedPacketBlock.capturedLength(segment, block),
                EnhancedPacketBlock.originalLength(segment, block),
                chunk.networkInterface(EnhancedPacketBlock.interfaceId(segment, block)).description().linkType());
    }
}
