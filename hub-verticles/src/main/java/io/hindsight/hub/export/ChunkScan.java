package io.hindsight.hub.export;

import static io.hindsight.pcapng.LittleEndian.U32;
import static io.hindsight.pcapng.LittleEndian.U64;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor;
import io.hindsight.pcapng.OptionCursor;
import io.hindsight.pcapng.Records;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One pass over a chunk whose blocks were checked: its interfaces, their statistics, and the order of its records. */
final class ChunkScan {
    private final ChunkEntry entry;
    private final MemorySegment segment;
    private final long body;

    /** As it is stored. */
    private final long firstNs;

    private final List<InterfaceDescription> descriptions = new ArrayList<>();
    private final List<Long> statisticsBlocks = new ArrayList<>();
    private int records;
    private boolean inOrder = true;

    ChunkScan(ChunkEntry entry, MemorySegment segment, long body) {
        this.entry = entry;
        this.segment = segment;
        this.body = body;
        this.firstNs = entry.firstNs() - entry.shiftNs();
        scan();
    }

    private void scan() {
        long previousNs = Long.MIN_VALUE;
        BlockCursor blocks = blocks();
        while (blocks.next()) {
            int type = blocks.type();
            if (Records.isRecord(type)) {
                check(blocks, type);
                long timeNs = timestampNs(segment, blocks.offset(), type);
                inOrder &= timeNs >= previousNs;
                checkTime(blocks, timeNs);
                previousNs = timeNs;
                records++;
            } else if (type == InterfaceDescriptionBlockDescriptor.TYPE) {
                descriptions.add(InterfaceDescription.read(segment, blocks.offset()));
            } else if (type == InterfaceStatisticsBlockDescriptor.TYPE) {
                statisticsBlocks.add(blocks.offset());
            }
        }
    }

    /** What reading the record's fields later relies on. The CRC says that these are its writer's bytes, not that the writer was right. */
    private void check(BlockCursor blocks, int type) {
        if (type != EnhancedPacketBlockDescriptor.TYPE) {
            return;
        }
        int interfaceId =
                EnhancedPacketBlock.isSound(segment, blocks.offset(), blocks.length())
                        ? EnhancedPacketBlock.interfaceId(segment, blocks.offset())
                        : -1;
        if (interfaceId < 0 || interfaceId >= descriptions.size()) {
            throw broken(blocks.offset(), "the packet's length or interface is not possible");
        }
    }

    /** The merge opens chunks by their header's first time: an earlier record would come out too late. */
    private void checkTime(BlockCursor blocks, long timeNs) {
        if (timeNs < firstNs) {
            throw broken(blocks.offset(), "the record's time=" + timeNs + " is before the chunk's first=" + firstNs);
        }
    }

    private static HindsightException broken(long offset, String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "Broken chunk: offset=" + offset + ": " + what + ".");
    }

    /** Of a record whose block was checked; of a packet without a further check. */
    static long timestampNs(MemorySegment segment, long block, int type) {
        return type == EnhancedPacketBlockDescriptor.TYPE
                ? EnhancedPacketBlock.timestampNs(segment, block)
                : Records.timestampNs(segment, block, type);
    }

    private BlockCursor blocks() {
        return new BlockCursor(segment, body, entry.offset() + entry.length());
    }

    boolean isInOrder() {
        return inOrder;
    }

    /** Offsets of the records from the chunk's start, by time, stable. */
    int[] order() {
        long[] timesNs = new long[records];
        int[] offsets = new int[records];
        int count = 0;
        BlockCursor blocks = blocks();
        while (blocks.next()) {
            if (Records.isRecord(blocks.type())) {
                timesNs[count] = timestampNs(segment, blocks.offset(), blocks.type());
                offsets[count++] = Math.toIntExact(blocks.offset() - entry.offset());
            }
        }
        int[] order = RecordOrder.sorted(timesNs);
        for (int i = 0; i < order.length; i++) {
            order[i] = offsets[order[i]];
        }
        return order;
    }

    /** This chunk's interfaces by their number in it, with this chunk's count of packets added to them. */
    ExportInterface[] interfaces(InterfaceRegistry registry) {
        ExportInterface[] interfaces =
                descriptions.stream()
                        .map(description -> registry.of(entry.file(), description))
                        .toArray(ExportInterface[]::new);
        for (long block : statisticsBlocks) {
            addStatistics(interfaces, block);
        }
        return interfaces;
    }

    private void addStatistics(ExportInterface[] interfaces, long block) {
        int length = segment.get(U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        if (length <= InterfaceStatisticsBlockDescriptor.OPTIONS_OFFSET) {
            return;
        }
        int id = segment.get(U32, block + InterfaceStatisticsBlockDescriptor.INTERFACE_ID_OFFSET);
        if (id < 0 || id >= interfaces.length) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The statistics block at offset="
                            + block
                            + " is about interface="
                            + Integer.toUnsignedString(id)
                            + " of "
                            + interfaces.length
                            + ".");
        }
        OptionCursor options =
                new OptionCursor(
                        segment,
                        block + InterfaceStatisticsBlockDescriptor.OPTIONS_OFFSET,
                        block + length - BlockDescriptor.TRAILER_LENGTH);
        while (options.next()) {
            if (options.code() == InterfaceStatisticsBlockDescriptor.OPTION_RECEIVED
                    && options.length() == Long.BYTES) {
                interfaces[id].addReceived(MemorySegment.ofArray(options.value()).get(U64, 0));
            }
        }
    }
}
