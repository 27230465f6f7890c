package io.hindsight.hub.export;

import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.OptionDescriptor;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The blocks of an export that are not copies of stored ones. */
final class SectionBlocks {
    private static final String APPLICATION = "hindsight";
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final int FIXED_ROOM = 256;

    /** No limit. libpcap refuses a file whose interfaces have different ones, so the real one stands in the description. */
    private static final int SNAP_LENGTH = 0;

    private final List<String> nodes;
    private final List<String> comments;

    /**
     * @param nodes names, by file index
     * @param comments of the section, for people
     */
    SectionBlocks(List<String> nodes, List<String> comments) {
        this.nodes = nodes;
        this.comments = comments;
    }

    byte[] sectionHeader() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(FIXED_ROOM + commentRoom());
            BlockWriter writer =
                    BlockWriter.begin(block, 0, SectionHeaderBlockDescriptor.TYPE)
                            .u32(SectionHeaderBlockDescriptor.BYTE_ORDER_MAGIC)
                            .u16(SectionHeaderBlockDescriptor.MAJOR_VERSION)
                            .u16(SectionHeaderBlockDescriptor.MINOR_VERSION)
                            .u64(SectionHeaderBlockDescriptor.SECTION_LENGTH_UNKNOWN)
                            .option(SectionHeaderBlockDescriptor.OPTION_USER_APPLICATION, APPLICATION);
            comments.forEach(comment -> writer.option(OptionDescriptor.COMMENT, comment));
            int length = writer.endOfOptions().end();
            return block.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private long commentRoom() {
        return comments.stream()
                .mapToLong(comment -> FIXED_ROOM + comment.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    byte[] interfaceDescription(ExportInterface networkInterface) {
        InterfaceDescription from = networkInterface.description();
        String node = nodes.get(networkInterface.file());
        String name = nodes.size() == 1 ? from.name() : node + "/" + from.name();
        String snapLength =
                from.snapLength() == 0 ? "" : ", snap length " + Integer.toUnsignedString(from.snapLength());
        String own = from.description().isEmpty() ? "" : ", " + from.description();
        return InterfaceBlocks.description(
                from.linkType(), SNAP_LENGTH, name, from.name() + " on node " + node + snapLength + own, from.filter());
    }

    byte[] placeholderInterface() {
        return InterfaceBlocks.description(
                LINK_TYPE_ETHERNET, SNAP_LENGTH, "none", "no packet of the snapshot was chosen", "");
    }

    byte[] statistics(ExportInterface networkInterface, long timestampNs) {
        MemorySegment block = MemorySegment.ofArray(new byte[InterfaceBlocks.maxStatisticsLength()]);
        int length =
                InterfaceBlocks.writeStatistics(
                        block,
                        0,
                        networkInterface.outputId(),
                        timestampNs,
                        networkInterface.received(),
                        networkInterface.interfaceDropped(),
                        networkInterface.osDropped());
        return block.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
