package io.hindsight.pcapng;

import static io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor.NANOSECOND_RESOLUTION;
import static io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor.OPTION_DESCRIPTION;
import static io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor.OPTION_FILTER;
import static io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor.OPTION_NAME;
import static io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor.OPTION_TIMESTAMP_RESOLUTION;
import static io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor.OPTION_INTERFACE_DROPPED;
import static io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor.OPTION_OS_DROPPED;
import static io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor.OPTION_RECEIVED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes Interface Description and Interface Statistics Blocks as whole byte strings, so that they can be made ahead of the hot path. */
public final class InterfaceBlocks {
    private static final int MAX_STATISTICS_LENGTH = 80;

    private InterfaceBlocks() {}

    /**
     * An IDB with nanosecond resolution.
     *
     * @param description text for people, empty: none
     * @param filter BPF expression, empty: none
     */
    public static byte[] description(int linkType, int snapLength, String name, String description, String filter) {
        long room = 256L + 4L * (name.length() + description.length() + filter.length());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(room);
            BlockWriter writer =
                    BlockWriter.begin(block, 0, InterfaceDescriptionBlockDescriptor.TYPE)
                            .u16(linkType)
                            .u16(0)
                            .u32(snapLength)
                            .option(OPTION_NAME, name)
                            .option(OPTION_TIMESTAMP_RESOLUTION, new byte[] {NANOSECOND_RESOLUTION});
            if (!description.isEmpty()) {
                writer.option(OPTION_DESCRIPTION, description);
            }
            if (!filter.isEmpty()) {
                writer.option(OPTION_FILTER, "\0" + filter);
            }
            int length = writer.endOfOptions().end();
            return block.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Room that one ISB of {@link #writeStatistics} takes at most. */
    public static int maxStatisticsLength() {
        return MAX_STATISTICS_LENGTH;
    }

    /**
     * Writes an ISB.
     *
     * @param received packets in this section
     * @param interfaceDropped lost in the kernel
     * @param osDropped lost in the recorder
     * @return bytes of the block
     */
    public static int writeStatistics(
            MemorySegment segment,
            long offset,
            int interfaceId,
            long timestampNs,
            long received,
            long interfaceDropped,
            long osDropped) {
        return BlockWriter.begin(segment, offset, InterfaceStatisticsBlockDescriptor.TYPE)
                .u32(interfaceId)
                .timestamp(timestampNs)
                .option64(OPTION_RECEIVED, received)
                .option64(OPTION_INTERFACE_DROPPED, interfaceDropped)
                .option64(OPTION_OS_DROPPED, osDropped)
                .endOfOptions()
                .end();
    }
}
