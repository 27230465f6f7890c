package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.OptionCursor;
import io.hindsight.pcapng.OptionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** An Enhanced Packet Block with one comment more: the stored options are kept as they lie, both total lengths are those of the longer block. */
final class CommentedPacket {
    private CommentedPacket() {}

    /** The block of the packet at which the chunk stands; interface and time are still the stored ones. Empty where the stored options are broken. */
    static Optional<byte[]> of(OpenChunk chunk, String comment) {
        MemorySegment segment = chunk.segment();
        long block = chunk.offset();
        Optional<Long> optionsEnd = optionsEnd(segment, block, block + chunk.length() - BlockDescriptor.TRAILER_LENGTH);
        if (optionsEnd.isEmpty()) {
            return Optional.empty();
        }
        int bodyLength = (int) (optionsEnd.get() - block - BlockDescriptor.BODY_OFFSET);
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        byte[] bytes =
                new byte
                        [BlockDescriptor.MIN_LENGTH
                                + bodyLength
                                + OptionDescriptor.encodedLength(text.length)
                                + OptionDescriptor.encodedLength(0)];
        byte[] body = segment.asSlice(block + BlockDescriptor.BODY_OFFSET, bodyLength).toArray(LittleEndian.U8);
        BlockWriter.begin(MemorySegment.ofArray(bytes), 0, EnhancedPacketBlockDescriptor.TYPE)
                .padded(body)
                .option(OptionDescriptor.COMMENT, text)
                .endOfOptions()
                .end();
        return Optional.of(bytes);
    }

    /** Where the end-of-options stands, or would. */
    private static Optional<Long> optionsEnd(MemorySegment segment, long block, long end) {
        long start =
                block
                        + EnhancedPacketBlockDescriptor.DATA_OFFSET
                        + BlockDescriptor.align(EnhancedPacketBlock.capturedLength(segment, block));
        try {
            OptionCursor options = new OptionCursor(segment, start, end);
            while (options.next()) {
                // To the last one.
            }
            return Optional.of(options.offset());
        } catch (HindsightException e) {
            if (e.code() != ErrorCode.INTEGRITY_VIOLATED) {
                throw e;
            }
            return Optional.empty();
        }
    }
}
