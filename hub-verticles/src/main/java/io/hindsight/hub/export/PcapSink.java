package io.hindsight.hub.export;

import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U32;

import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.MemorySegment;

/** Writes classic pcap with nanosecond times ({@link PcapFileDescriptor}): packets of one link type; journal records do not fit. */
final class PcapSink implements RecordSink {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final ExportOutput output;
    private final int linkType;
    private final MemorySegment recordHeader = MemorySegment.ofArray(new byte[PcapFileDescriptor.RECORD_HEADER_LENGTH]);

    PcapSink(ExportOutput output, int linkType) {
        this.output = output;
        this.linkType = linkType;
    }

    @Override
    public void begin() {
        MemorySegment header = MemorySegment.ofArray(new byte[PcapFileDescriptor.HEADER_LENGTH]);
        header.set(U32, PcapFileDescriptor.MAGIC_OFFSET, PcapFileDescriptor.MAGIC_NANOSECONDS);
        header.set(U16, PcapFileDescriptor.MAJOR_VERSION_OFFSET, (short) PcapFileDescriptor.MAJOR_VERSION);
        header.set(U16, PcapFileDescriptor.MINOR_VERSION_OFFSET, (short) PcapFileDescriptor.MINOR_VERSION);
        header.set(U32, PcapFileDescriptor.SNAP_LENGTH_OFFSET, BpfProgram.MAX_SNAP_LENGTH);
        header.set(U32, PcapFileDescriptor.LINK_TYPE_OFFSET, linkType);
        output.append(header, 0, PcapFileDescriptor.HEADER_LENGTH);
    }

    @Override
    public boolean record(OpenChunk chunk) {
        if (chunk.type() != EnhancedPacketBlockDescriptor.TYPE) {
            return false;
        }
        MemorySegment segment = chunk.segment();
        long block = chunk.offset();
        checkLinkType(chunk.networkInterface(EnhancedPacketBlock.interfaceId(segment, block)));
        int capturedLength = EnhancedPacketBlock.capturedLength(segment, block);
        long timeNs = chunk.timestampNs();
        recordHeader.set(U32, PcapFileDescriptor.SECONDS_OFFSET, (int) Math.floorDiv(timeNs, NANOS_PER_SECOND));
        recordHeader.set(U32, PcapFileDescriptor.NANOSECONDS_OFFSET, (int) Math.floorMod(timeNs, NANOS_PER_SECOND));
        recordHeader.set(U32, PcapFileDescriptor.CAPTURED_LENGTH_OFFSET, capturedLength);
        recordHeader.set(
                U32, PcapFileDescriptor.ORIGINAL_LENGTH_OFFSET, EnhancedPacketBlock.originalLength(segment, block));
        // The header fits as a whole: MIN_ROOM is there. So it can be used again for the next record.
        output.append(recordHeader, 0, PcapFileDescriptor.RECORD_HEADER_LENGTH);
        output.append(segment, block + EnhancedPacketBlockDescriptor.DATA_OFFSET, capturedLength);
        return true;
    }

    private void checkLinkType(ExportInterface networkInterface) {
        int found = networkInterface.description().linkType();
        if (found != linkType) {
            throw new HindsightException(
                    ErrorCode.INTERNAL,
                    "The plan found linkType=" + linkType + " alone, but there is a packet of linkType=" + found + ".");
        }
    }

    @Override
    public boolean isFull() {
        return output.remaining() < MIN_ROOM;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void end() {
        // A pcap file ends with its last packet.
    }
}
