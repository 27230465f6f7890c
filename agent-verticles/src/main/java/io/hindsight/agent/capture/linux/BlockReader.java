package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The hot loop: hands the packets of a kernel block to a sink. Made for the JIT: constant layouts, final fields, one sink class, no
 * allocation, no system call. Everything belongs to the capture thread.
 *
 * <p>A VLAN tag that the kernel took out of the packet is put back as libpcap does (pcap-linux.c): four bytes after the two addresses,
 * lengths four more, then cut at the snap length.
 */
final class BlockReader {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Two addresses of six bytes. */
    private static final int TAG_OFFSET = 12;

    private static final int TAG_LENGTH = 4;

    /** 802.1Q: what a kernel means that names no protocol. */
    private static final int DEFAULT_TPID = 0x8100;

    private final MemorySegment ring;
    private final LinkTable links;
    private final PacketSink sink;
    private final int snapLength;
    private final MemorySegment scratch = Arena.ofAuto().allocate(TAG_OFFSET + TAG_LENGTH);

    private LinkMap map;
    private @Nullable LinkEntry current;
    private long packets;
    private long bytes;

    /** {@code snapLength} is greater than 0. */
    BlockReader(MemorySegment ring, LinkTable links, PacketSink sink, int snapLength) {
        this.ring = ring;
        this.links = links;
        this.sink = sink;
        this.snapLength = snapLength;
        this.map = links.map();
    }

    /** Packets handed over since the start. */
    long packets() {
        return packets;
    }

    /** Bytes of them. */
    long bytes() {
        return bytes;
    }

    /** Hands over every packet of the block that starts here. */
    void read(long block) {
        refreshLinks();
        int count = ring.get(INT, block + TpacketBlockDescriptor.PACKET_COUNT_OFFSET);
        long header = block + ring.get(INT, block + TpacketBlockDescriptor.FIRST_PACKET_OFFSET_OFFSET);
        for (int i = 0; i < count; i++) {
            readPacket(header);
            header += ring.get(INT, header + TpacketHeaderDescriptor.NEXT_OFFSET_OFFSET);
        }
    }

    private void refreshLinks() {
        LinkMap latest = links.map();
        if (latest != map) {
            map = latest;
            current = null;
        }
    }

    private void readPacket(long header) {
        long address = header + TpacketHeaderDescriptor.ADDRESS_OFFSET;
        LinkEntry link =
                link(
                        ring.get(INT, address + LinkLayerAddressDescriptor.INTERFACE_INDEX_OFFSET),
                        ring.get(SHORT, address + LinkLayerAddressDescriptor.HARDWARE_TYPE_OFFSET) & 0xFFFF);
        CaptureInterface captured = link.captured();
        if (captured == null) {
            return; // an interface so new that the kernel's filter does not exclude it yet
        }
        int direction =
                ring.get(BYTE, address + LinkLayerAddressDescriptor.PACKET_TYPE_OFFSET)
                                == LinkLayerAddressDescriptor.PACKET_TYPE_OUTGOING
                        ? EnhancedPacketBlockDescriptor.DIRECTION_OUTBOUND
                        : EnhancedPacketBlockDescriptor.DIRECTION_INBOUND;
        if (link.ethernet() && hasTag(header)) {
            handOverTagged(captured, header, direction);
        } else {
            handOver(captured, header, direction);
        }
    }

    /** Packets of one interface come in runs, so the last one is remembered. */
    private LinkEntry link(int index, int hardwareType) {
        LinkEntry last = current;
        if (last != null && last.link().index() == index && last.link().hardwareType() == hardwareType) {
            return last;
        }
        return changeLink(index, hardwareType);
    }

    private LinkEntry changeLink(int index, int hardwareType) {
        LinkEntry found = map.get(index);
        if (found == null || found.link().hardwareType() != hardwareType) {
            found = links.resolve(index, hardwareType);
            map = links.map();
        }
        current = found;
        return found;
    }

    private void handOver(CaptureInterface captured, long header, int direction) {
        int length = Math.min(ring.get(INT, header + TpacketHeaderDescriptor.CAPTURED_LENGTH_OFFSET), snapLength);
        sink.packet(
                captured,
                timestampNs(header),
                direction,
                ring,
                dataOffset(header),
                length,
                ring.get(INT, header + TpacketHeaderDescriptor.ORIGINAL_LENGTH_OFFSET));
        packets++;
        bytes += length;
    }

    private void handOverTagged(CaptureInterface captured, long header, int direction) {
        int present = ring.get(INT, header + TpacketHeaderDescriptor.CAPTURED_LENGTH_OFFSET);
        if (present < TAG_OFFSET) {
            handOver(captured, header, direction); // nowhere to put it
            return;
        }
        int length = Math.min(present + TAG_LENGTH, snapLength);
        int originalLength = ring.get(INT, header + TpacketHeaderDescriptor.ORIGINAL_LENGTH_OFFSET) + TAG_LENGTH;
        if (length < TAG_OFFSET + TAG_LENGTH) {
            handOverCutTag(captured, header, direction, length, originalLength);
        } else {
            sink.taggedPacket(
                    captured,
                    timestampNs(header),
                    direction,
                    ring,
                    dataOffset(header),
                    length,
                    originalLength,
                    TAG_OFFSET,
                    tpid(header),
                    tci(header));
        }
        packets++;
        bytes += length;
    }

    /** The snap length cuts the packet within the tag, or before. */
    private void handOverCutTag(CaptureInterface captured, long header, int direction, int length, int originalLength) {
        MemorySegment.copy(ring, dataOffset(header), scratch, 0, TAG_OFFSET);
        scratch.set(NETWORK_SHORT, TAG_OFFSET, (short) tpid(header));
        scratch.set(NETWORK_SHORT, TAG_OFFSET + Short.BYTES, (short) tci(header));
        sink.packet(captured, timestampNs(header), direction, scratch, 0, length, originalLength);
    }

    private long dataOffset(long header) {
        return header + (ring.get(SHORT, header + TpacketHeaderDescriptor.MAC_OFFSET_OFFSET) & 0xFFFF);
    }

    private long timestampNs(long header) {
        return (ring.get(INT, header + TpacketHeaderDescriptor.SECONDS_OFFSET) & 0xFFFF_FFFFL) * NANOS_PER_SECOND
                + ring.get(INT, header + TpacketHeaderDescriptor.NANOS_OFFSET);
    }

    /** An old kernel sets no flag for a tag other than 0. */
    private boolean hasTag(long header) {
        return (ring.get(INT, header + TpacketHeaderDescriptor.STATUS_OFFSET)
                                & TpacketHeaderDescriptor.STATUS_VLAN_VALID)
                        != 0
                || ring.get(INT, header + TpacketHeaderDescriptor.VLAN_TCI_OFFSET) != 0;
    }

    private int tpid(long header) {
        int status = ring.get(INT, header + TpacketHeaderDescriptor.STATUS_OFFSET);
        return (status & TpacketHeaderDescriptor.STATUS_VLAN_TPID_VALID) == 0
                ? DEFAULT_TPID
                : ring.get(SHORT, header + TpacketHeaderDescriptor.VLAN_TPID_OFFSET) & 0xFFFF;
    }

    private int tci(long header) {
        return ring.get(INT, header + TpacketHeaderDescriptor.VLAN_TCI_OFFSET) & 0xFFFF;
    }
}
