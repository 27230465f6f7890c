package io.hindsight.hub.export;

import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.MemorySegment;

/** The packet at which a {@link PacketPass} stands, in the mapped file: the same object for all of them, valid while it is visited. */
public final class CapturedPacket {
    private MemorySegment segment = MemorySegment.NULL;
    private long block;
    private long timestampNs;
    private int linkType;
    private int point;

    CapturedPacket() {}

    void standAt(OpenChunk chunk, int packetLinkType, int packetPoint) {
        segment = chunk.segment();
        block = chunk.offset();
        timestampNs = chunk.timestampNs();
        linkType = packetLinkType;
        point = packetPoint;
    }

    /** Holds its bytes. */
    public MemorySegment segment() {
        return segment;
    }

    /** Of its first byte in the segment. */
    public long offset() {
        return block + EnhancedPacketBlockDescriptor.DATA_OFFSET;
    }

    /** Bytes that are there; they were checked to lie inside the segment. */
    public int capturedLength() {
        return EnhancedPacketBlock.capturedLength(segment, block);
    }

    /** Bytes on the wire. */
    public int originalLength() {
        return EnhancedPacketBlock.originalLength(segment, block);
    }

    /** Nanoseconds since the epoch. */
    public long timestampNs() {
        return timestampNs;
    }

    /** LINKTYPE_ value. */
    public int linkType() {
        return linkType;
    }

    /** Number of the point at which it was seen ({@link PacketVisitor#point}). */
    public int point() {
        return point;
    }
}
