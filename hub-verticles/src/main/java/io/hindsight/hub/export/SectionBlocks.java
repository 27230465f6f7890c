package io.hindsight.hub.export;

import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor;
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
    private final boolean namesNodes;
    private final List<String> comments;
    private final List<NodeSummary> summaries;
    private final List<byte[]> names;

    SectionBlocks(ExportPlan plan) {
        this.nodes = plan.snapshot().nodeNames();
        // Whether a node delivered something or not: names of interfaces do not depend on it.
        this.namesNodes = nodes.size() + plan.snapshot().absent().size() > 1;
        this.comments = plan.comments();
        this.summaries = plan.summaries();
        this.names = plan.names().blocks().blocks();
    }

    /** What is told of the interface's node. */
    NodeSummary summary(ExportInterface networkInterface) {
        return summaries.get(networkInterface.file());
    }

    /** Name Resolution Blocks. */
    List<byte[]> names() {
        return names;
    }

    byte[] sectionHeader() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(FIXED_ROOM + room(comments));
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

    private static long room(List<String> texts) {
        return texts.stream().mapToLong(comment -> FIXED_ROOM + comment.getBytes(StandardCharsets.UTF_8).length).sum();
    }

    byte[] interfaceDescription(ExportInterface networkInterface) {
        InterfaceDescription from = networkInterface.description();
        String node = nodes.get(networkInterface.file());
        String name = namesNodes ? node + "/" + from.name() : from.name();
        String snapLength =
                from.snapLength() == 0 ? "" : ", snap length " + Integer.toUnsignedString(from.snapLength());
        long shiftNs = summary(networkInterface).shiftNs();
        String shift = shiftNs == 0 ? "" : ", " + ClockCorrection.added(shiftNs);
        String own = from.description().isEmpty() ? "" : ", " + from.description();
        return InterfaceBlocks.description(
                from.linkType(),
                SNAP_LENGTH,
                name,
                from.name() + " on node " + node + snapLength + shift + own,
                from.filter());
    }

    byte[] placeholderInterface() {
        return InterfaceBlocks.description(
                LINK_TYPE_ETHERNET, SNAP_LENGTH, "none", "no packet of the snapshot was chosen", "");
    }

    /**
     * @param tellsNode whether it carries what is told of the node: once for each node
     * @param notes what else is told
     */
    byte[] statistics(ExportInterface networkInterface, long timestampNs, boolean tellsNode, List<String> notes) {
        NodeSummary summary = summary(networkInterface);
        List<String> gaps = tellsNode ? summary.gapLines() : List.of();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(FIXED_ROOM + room(gaps) + room(notes));
            BlockWriter writer =
                    BlockWriter.begin(block, 0, InterfaceStatisticsBlockDescriptor.TYPE)
                            .u32(networkInterface.outputId())
                            .timestamp(timestampNs)
                            .optionTimestamp(InterfaceStatisticsBlockDescriptor.OPTION_START_TIME, summary.startNs())
                            .optionTimestamp(InterfaceStatisticsBlockDescriptor.OPTION_END_TIME, summary.endNs())
                            .option64(InterfaceStatisticsBlockDescriptor.OPTION_RECEIVED, networkInterface.received())
                            .option64(
                                    InterfaceStatisticsBlockDescriptor.OPTION_INTERFACE_DROPPED,
                                    tellsNode ? summary.droppedInKernel() : 0)
                            .option64(
                                    InterfaceStatisticsBlockDescriptor.OPTION_OS_DROPPED,
                                    tellsNode ? summary.droppedByRecorder() : 0);
            gaps.forEach(gap -> writer.option(OptionDescriptor.COMMENT, gap));
            notes.forEach(note -> writer.option(OptionDescriptor.COMMENT, note));
            int length = writer.endOfOptions().end();
            return block.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
