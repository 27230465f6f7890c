package io.hindsight.agent.capture.replay;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps over the packets of a pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, enhanced, simple and obsolete
 * packet blocks, interfaces of any resolution. Other blocks are passed over.
 *
 * <p>A simple packet block has no time: it takes that of the packet before it, or 0 where it is the first.
 */
final class PcapngCursor implements PacketCursor {
    private static final long MAX_SECTION_INTERFACES = 65_536;

    private final CaptureFile file;
    private final ReplayInterfaces interfaces;
    private final List<SectionInterface> section = new ArrayList<>();
    private final OptionScanner options;
    private long following;

    // The packet.
    private @Nullable CaptureInterface networkInterface;
    private long timestampNs;
    private int direction;
    private long dataOffset;
    private int capturedLength;
    private int originalLength;

    /** The file begins with a section header block. */
    PcapngCursor(CaptureFile file, ReplayInterfaces interfaces) {
        this.file = file;
        this.interfaces = interfaces;
        this.options = new OptionScanner(file);
    }

    @Override
    public boolean next() {
        while (following != file.length()) {
            long block = following;
            file.require(block, BlockDescriptor.MIN_LENGTH, "A block");
            if (file.int32(block) == SectionHeaderBlockDescriptor.TYPE) { // the same in both orders
                beginSection(block);
            }
            int length = blockLength(block);
            following = block + length;
            if (isPacket(block, length)) {
                return true;
            }
        }
        return false;
    }

    private void beginSection(long block) {
        file.require(
                block,
                SectionHeaderBlockDescriptor.OPTIONS_OFFSET + BlockDescriptor.TRAILER_LENGTH,
                "A section header");
        file.bigEndian(false);
        int magic = file.int32(block + SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC_OFFSET);
        boolean reversed = magic == Integer.reverseBytes(SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC);
        if (!reversed && magic != SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC) {
            throw file.broken(block, "a section header with byte-order magic=0x" + Integer.toHexString(magic));
        }
        file.bigEndian(reversed);
        int major = file.unsigned16(block + SectionHeaderBlockDescriptor.MAJOR_VERSION_OFFSET);
        if (major != SectionHeaderBlockDescriptor.MAJOR_VERSION) {
            throw file.broken(block, "a section of majorVersion=" + major + ", which is not known");
        }
        section.clear();
    }

    private int blockLength(long block) {
        long length = file.unsigned32(block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        if (length < BlockDescriptor.MIN_LENGTH
                || length > Integer.MAX_VALUE
                || length % BlockDescriptor.ALIGNMENT != 0) {
            throw file.broken(block, "a block of length=" + length);
        }
        file.require(block, length, "A block");
        long again = file.unsigned32(block + length - BlockDescriptor.TRAILER_LENGTH);
        if (again != length) {
            throw file.broken(block, "a block of length=" + length + " that ends with length=" + again);
        }
        return (int) length;
    }

    private boolean isPacket(long block, int length) {
        switch (file.int32(block)) {
            case InterfaceDescriptionBlockDescriptor.TYPE -> addInterface(block, length);
            case EnhancedPacketBlockDescriptor.TYPE -> {
                readEnhanced(block, length);
                return true;
            }
            case LegacyPacketBlocks.SIMPLE_TYPE -> {
                readSimple(block, length);
                return true;
            }
            case LegacyPacketBlocks.OBSOLETE_TYPE -> {
                readObsolete(block, length);
                return true;
            }
            default -> {
                // Section headers are done with; statistics, names, journal entries and all others hold no packet.
            }
        }
        return false;
    }

    private void addInterface(long block, int length) {
        if (section.size() >= MAX_SECTION_INTERFACES) {
            throw file.broken(block, "more than " + MAX_SECTION_INTERFACES + " interfaces in one section");
        }
        requireBody(block, length, InterfaceDescriptionBlockDescriptor.OPTIONS_OFFSET);
        int linkType = file.unsigned16(block + InterfaceDescriptionBlockDescriptor.LINK_TYPE_OFFSET);
        int snapLength = file.int32(block + InterfaceDescriptionBlockDescriptor.SNAP_LENGTH_OFFSET);
        options.scanInterface(block + InterfaceDescriptionBlockDescriptor.OPTIONS_OFFSET, bodyEnd(block, length));
        section.add(
                new SectionInterface(
                        interfaces.of(options.interfaceName(), linkType), options.resolution(), snapLength));
    }

    private void readEnhanced(long block, int length) {
        requireBody(block, length, EnhancedPacketBlockDescriptor.DATA_OFFSET);
        long id = file.unsigned32(block + EnhancedPacketBlockDescriptor.INTERFACE_ID_OFFSET);
        readTimed(block, length, id, EnhancedPacketBlockDescriptor.TIMESTAMP_HIGH_OFFSET);
    }

    private void readObsolete(long block, int length) {
        requireBody(block, length, EnhancedPacketBlockDescriptor.DATA_OFFSET);
        int id = file.unsigned16(block + LegacyPacketBlocks.OBSOLETE_INTERFACE_ID_OFFSET);
        readTimed(block, length, id, EnhancedPacketBlockDescriptor.TIMESTAMP_HIGH_OFFSET);
    }

    /** Enhanced and obsolete packet blocks are the same from the timestamp on. */
    private void readTimed(long block, int length, long interfaceId, int timestampOffset) {
        SectionInterface from = sectionInterface(block, interfaceId);
        long ticks =
                (file.unsigned32(block + timestampOffset) << Integer.SIZE)
                        | file.unsigned32(block + timestampOffset + Integer.BYTES);
        networkInterface = from.networkInterface();
        timestampNs = toEpochNs(block, from.resolution(), ticks);
        dataOffset = block + EnhancedPacketBlockDescriptor.DATA_OFFSET;
        setLengths(
                block,
                file.unsigned32(block + EnhancedPacketBlockDescriptor.CAPTURED_LENGTH_OFFSET),
                file.unsigned32(block + EnhancedPacketBlockDescriptor.ORIGINAL_LENGTH_OFFSET),
                bodyEnd(block, length));
        options.scanPacket(dataOffset + BlockDescriptor.align(capturedLength), bodyEnd(block, length));
        direction = options.direction();
    }

    private void readSimple(long block, int length) {
        requireBody(block, length, LegacyPacketBlocks.SIMPLE_DATA_OFFSET);
        SectionInterface from = sectionInterface(block, 0);
        long original = file.unsigned32(block + LegacyPacketBlocks.SIMPLE_ORIGINAL_LENGTH_OFFSET);
        long snapLength = from.snapLength() == 0 ? Integer.MAX_VALUE : Integer.toUnsignedLong(from.snapLength());
        networkInterface = from.networkInterface();
        dataOffset = block + LegacyPacketBlocks.SIMPLE_DATA_OFFSET;
        direction = EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN;
        setLengths(block, Math.min(original, snapLength), original, bodyEnd(block, length));
    }

    private SectionInterface sectionInterface(long block, long id) {
        if (id >= section.size()) {
            throw file.broken(block, "a packet of interface=" + id + " where the section has " + section.size());
        }
        return section.get((int) id);
    }

    private long toEpochNs(long block, TimestampResolution resolution, long ticks) {
        try {
            return resolution.toEpochNs(ticks);
        } catch (ArithmeticException e) {
            throw file.broken(block, e.getMessage() + ", ticks=" + Long.toUnsignedString(ticks));
        }
    }

    private void setLengths(long block, long captured, long original, long end) {
        if (captured > end - dataOffset) {
            throw file.broken(
                    block, "a packet of length=" + captured + " in a block with room for " + (end - dataOffset));
        }
        capturedLength = (int) captured;
        originalLength = Math.clamp(original, capturedLength, Integer.MAX_VALUE);
    }

    private void requireBody(long block, int length, int bodyLength) {
        if (length < bodyLength + BlockDescriptor.TRAILER_LENGTH) {
            throw file.broken(block, "a block of length=" + length + ", too short for its type");
        }
    }

    private static long bodyEnd(long block, int length) {
        return block + length - BlockDescriptor.TRAILER_LENGTH;
    }

    @Override
    public @Nullable CaptureInterface networkInterface() {
        return networkInterface;
    }

    @Override
    public long timestampNs() {
        return timestampNs;
    }

    @Override
    public int direction() {
        return direction;
    }

    @Override
    public long dataOffset() {
        return dataOffset;
    }

    @Override
    public int capturedLength() {
        return capturedLength;
    }

    @Override
    public int originalLength() {
        return originalLength;
    }

    @Override
    public List<CaptureInterface> interfaces() {
        return interfaces.all();
    }

    /** An interface description block of the current section. */
    private record SectionInterface(
            @Nullable CaptureInterface networkInterface, TimestampResolution resolution, int snapLength) {}
}
