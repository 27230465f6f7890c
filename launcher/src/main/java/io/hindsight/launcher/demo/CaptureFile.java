package io.hindsight.launcher.demo;

import static io.hindsight.pcapng.LittleEndian.U32;

import io.hindsight.bpf.BpfProgram;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.SectionHeaderBlockDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An exported pcapng file, read back from disk. */
record CaptureFile(Path path) {
    /** Counts the packets that a filter of tcpdump's language accepts; a blank one accepts all. */
    long count(String filter) throws IOException {
        try (FileChannel channel = FileChannel.open(path);
                Arena arena = Arena.ofConfined()) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new Count(file, filter).run();
        }
    }

    /** One walk through the file. */
    private static final class Count {
        private final MemorySegment file;
        private final String filter;
        private final Map<Integer, BpfProgram> programs = new HashMap<>();
        private final List<Integer> linkTypes = new ArrayList<>();
        private long accepted;

        private Count(MemorySegment file, String filter) {
            this.file = file;
            this.filter = filter;
        }

        private long run() {
            BlockCursor blocks = new BlockCursor(file, 0, file.byteSize());
            while (blocks.next()) {
                block(blocks.type(), blocks.offset());
            }
            return accepted;
        }

        private void block(int type, long offset) {
            switch (type) {
                case SectionHeaderBlockDescriptor.TYPE -> linkTypes.clear();
                case InterfaceDescriptionBlockDescriptor.TYPE ->
                        linkTypes.add(InterfaceDescription.read(file, offset).linkType());
                case EnhancedPacketBlockDescriptor.TYPE -> packet(offset);
                default -> {
                    // statistics, names, events
                }
            }
        }

        private void packet(long offset) {
            int linkType = linkTypes.get(file.get(U32, offset + EnhancedPacketBlockDescriptor.INTERFACE_ID_OFFSET));
            boolean matches =
                    programs.computeIfAbsent(linkType, type -> BpfProgram.compile(filter, type, 0))
                            .matches(
                                    file,
                                    offset + EnhancedPacketBlockDescriptor.DATA_OFFSET,
                                    file.get(U32, offset + EnhancedPacketBlockDescriptor.CAPTURED_LENGTH_OFFSET),
                                    file.get(U32, offset + EnhancedPacketBlockDescriptor.ORIGINAL_LENGTH_OFFSET));
            accepted += matches ? 1 : 0;
        }
    }
}
