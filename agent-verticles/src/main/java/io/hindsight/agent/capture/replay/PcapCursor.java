package io.hindsight.agent.capture.replay;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps over a {@link PcapDescriptor pcap file}. */
final class PcapCursor implements PacketCursor {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MICROSECOND = 1_000L;

    private final CaptureFile file;
    private final ReplayInterfaces interfaces;
    private final @Nullable CaptureInterface networkInterface;
    private final long nanosPerFraction;
    private long packet;
    private long following = PcapDescriptor.FILE_HEADER_LENGTH;

    /** The file's first four bytes are one of the magic numbers, in either order. */
    PcapCursor(CaptureFile file, ReplayInterfaces interfaces) {
        file.require(0, PcapDescriptor.FILE_HEADER_LENGTH, "The file header");
        this.file = file;
        this.interfaces = interfaces;
        file.bigEndian(!isMagic(file.int32(PcapDescriptor.MAGIC_OFFSET)));
        boolean nanos = file.int32(PcapDescriptor.MAGIC_OFFSET) == PcapDescriptor.MAGIC_NANOSECONDS;
        nanosPerFraction = nanos ? 1 : NANOS_PER_MICROSECOND;
        networkInterface =
                interfaces.of("", file.int32(PcapDescriptor.LINK_TYPE_OFFSET) & PcapDescriptor.LINK_TYPE_MASK);
    }

    static boolean isMagic(int number) {
        return number == PcapDescriptor.MAGIC_MICROSECONDS || number == PcapDescriptor.MAGIC_NANOSECONDS;
    }

    @Override
    public boolean next() {
        packet = following;
        if (packet == file.length()) {
            return false;
        }
        file.require(packet, PcapDescriptor.PACKET_HEADER_LENGTH, "A packet header");
        long length = file.unsigned32(packet + PcapDescriptor.CAPTURED_LENGTH_OFFSET);
        if (length > Integer.MAX_VALUE) {
            throw file.broken(packet, "a packet of length=" + length);
        }
        file.require(packet, PcapDescriptor.PACKET_HEADER_LENGTH + length, "A packet");
        following = packet + PcapDescriptor.PACKET_HEADER_LENGTH + length;
        return true;
    }

    @Override
    public @Nullable CaptureInterface networkInterface() {
        return networkInterface;
    }

    @Override
    public long timestampNs() {
        return file.unsigned32(packet + PcapDescriptor.SECONDS_OFFSET) * NANOS_PER_SECOND
                + file.unsigned32(packet + PcapDescriptor.FRACTION_OFFSET) * nanosPerFraction;
    }

    @Override
    public int direction() {
        return EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN;
    }

    @Override
    public long dataOffset() {
        return packet + PcapDescriptor.PACKET_HEADER_LENGTH;
    }

    @Override
    public int capturedLength() {
        return file.int32(packet + PcapDescriptor.CAPTURED_LENGTH_OFFSET);
    }

    @Override
    public int originalLength() {
        long length = file.unsigned32(packet + PcapDescriptor.ORIGINAL_LENGTH_OFFSET);
        return Math.clamp(length, capturedLength(), Integer.MAX_VALUE);
    }

    @Override
    public List<CaptureInterface> interfaces() {
        return interfaces.all();
    }
}
