package io.hindsight.agent.ring;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Packets for tests of rings, and what lies in chunks. */
public final class TestPackets {
    public static final NodeId NODE = new NodeId("node-a");
    public static final CaptureInterface ETH0 = new CaptureInterface(0, "eth0", 2, 1, 0, "");

    private TestPackets() {}

    /** A packet as it is put in and as it should come out. */
    public record Packet(long timestampNs, int interfaceId, ByteBuffer data) {}

    /** A ring in a folder, of this many bytes. */
    public static RingSpec spec(Path folder, long storageBytes, int slotSize) {
        return new RingSpec(
                RingSpec.fileIn(folder, ChunkSource.PACKETS),
                NODE,
                ChunkSource.PACKETS,
                storageBytes,
                slotSize,
                "hindsight test");
    }

    /** A packet whose bytes follow from its time and length. */
    public static Packet packet(long timestampNs, int length) {
        byte[] data = new byte[length];
        new Random(timestampNs * 31 + length).nextBytes(data);
        return new Packet(timestampNs, 0, ByteBuffer.wrap(data));
    }

    /** Appends it. */
    public static void put(PacketSink sink, CaptureInterface networkInterface, Packet packet) {
        int length = packet.data().remaining();
        sink.packet(
                networkInterface,
                packet.timestampNs(),
                EnhancedPacketBlockDescriptor.DIRECTION_INBOUND,
                MemorySegment.ofBuffer(packet.data()),
                0,
                length,
                length);
    }

    /** The packets of the blocks between two offsets, in order. */
    public static List<Packet> read(MemorySegment memory, long start, long end) {
        List<Packet> packets = new ArrayList<>();
        BlockCursor blocks = new BlockCursor(memory, start, end);
        while (blocks.next()) {
            if (blocks.type() == EnhancedPacketBlockDescriptor.TYPE) {
                long data = blocks.offset() + EnhancedPacketBlockDescriptor.DATA_OFFSET;
                int length = EnhancedPacketBlock.capturedLength(memory, blocks.offset());
                packets.add(
                        new Packet(
                                EnhancedPacketBlock.timestampNs(memory, blocks.offset()),
                                EnhancedPacketBlock.interfaceId(memory, blocks.offset()),
                                ByteBuffer.wrap(memory.asSlice(data, length).toArray(ValueLayout.JAVA_BYTE))));
            }
        }
        return packets;
    }

    /** What is committed in a slot. */
    public static List<Packet> read(Ring ring, SlotInfo slot) {
        return slot.committedLength() == 0
                ? List.of()
                : read(ring.slot(slot.index()), ring.codec().sectionHeaderLength(), slot.committedLength());
    }
}
