package io.hindsight.pcapng;

import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.DATA_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EnhancedPacketBlockTest {
    private static final int BLOCK_OFFSET = 4;

    @Property(tries = 300)
    void shouldReadWhatWasWritten(
            @ForAll @IntRange(min = 0, max = 65_535) int interfaceId,
            @ForAll long timestampNs,
            @ForAll @IntRange(min = 0) int originalLength,
            @ForAll @IntRange(min = 0, max = 2) int direction,
            @ForAll @Size(max = 70) byte[] data) {
        // Not zero before: padding must be written, not found.
        byte[] memory = new byte[BLOCK_OFFSET + EnhancedPacketBlockDescriptor.encodedLength(data.length)];
        Arrays.fill(memory, (byte) 0xA5);
        MemorySegment segment = MemorySegment.ofArray(memory);

        int length =
                EnhancedPacketBlock.writeFrame(
                        segment, BLOCK_OFFSET, interfaceId, timestampNs, data.length, originalLength, direction);
        MemorySegment.copy(data, 0, segment, ValueLayout.JAVA_BYTE, BLOCK_OFFSET + DATA_OFFSET, data.length);

        assertThat(length).isEqualTo(EnhancedPacketBlockDescriptor.encodedLength(data.length));
        BlockCursor blocks = new BlockCursor(segment, BLOCK_OFFSET, memory.length);
        assertThat(blocks.next()).isTrue();
        assertThat(blocks.type()).isEqualTo(EnhancedPacketBlockDescriptor.TYPE);
        assertThat(EnhancedPacketBlock.isSound(segment, BLOCK_OFFSET, length)).isTrue();
        assertThat(EnhancedPacketBlock.interfaceId(segment, BLOCK_OFFSET)).isEqualTo(interfaceId);
        assertThat(EnhancedPacketBlock.timestampNs(segment, BLOCK_OFFSET)).isEqualTo(timestampNs);
        assertThat(Records.timestampNs(segment, BLOCK_OFFSET, blocks.type())).isEqualTo(timestampNs);
        assertThat(EnhancedPacketBlock.capturedLength(segment, BLOCK_OFFSET)).isEqualTo(data.length);
        assertThat(EnhancedPacketBlock.originalLength(segment, BLOCK_OFFSET)).isEqualTo(originalLength);
        assertThat(Arrays.copyOfRange(memory, BLOCK_OFFSET + DATA_OFFSET, BLOCK_OFFSET + DATA_OFFSET + data.length))
                .isEqualTo(data);
        int paddingEnd = BLOCK_OFFSET + DATA_OFFSET + BlockDescriptor.align(data.length);
        for (int i = BLOCK_OFFSET + DATA_OFFSET + data.length; i < paddingEnd; i++) {
            assertThat(memory[i]).isZero();
        }
        assertThat(blocks.next()).isFalse();
        OptionCursor options = new OptionCursor(segment, paddingEnd, memory.length - BlockDescriptor.TRAILER_LENGTH);
        assertThat(options.next()).isTrue();
        assertThat(options.code()).isEqualTo(EnhancedPacketBlockDescriptor.OPTION_FLAGS);
        assertThat(options.value()).isEqualTo(new byte[] {(byte) direction, 0, 0, 0});
        assertThat(options.next()).isFalse();
    }

    @Property(tries = 500)
    void shouldNeverReadOutsideAMutatedBlock(@ForAll long seed, @ForAll @Size(max = 40) byte[] data) {
        byte[] block = new byte[EnhancedPacketBlockDescriptor.encodedLength(data.length)];
        EnhancedPacketBlock.writeFrame(MemorySegment.ofArray(block), 0, 0, 1, data.length, data.length, 0);
        MemorySegment mutated = MemorySegment.ofArray(Mutations.mutate(block, new Random(seed)));

        HostileInput.isRefused(() -> {
            BlockCursor blocks = new BlockCursor(mutated, 0, mutated.byteSize());
            while (blocks.next()) {
                if (Records.isRecord(blocks.type())) {
                    Records.timestampNs(mutated, blocks.offset(), blocks.type());
                }
                if (EnhancedPacketBlock.isSound(mutated, blocks.offset(), blocks.length())) {
                    int captured = EnhancedPacketBlock.capturedLength(mutated, blocks.offset());
                    assertThat(mutated.asSlice(blocks.offset() + DATA_OFFSET, captured)).isNotNull();
                }
            }
        });
    }

    @Property(tries = 50)
    void shouldPutAnotherInterfaceIn(@ForAll @IntRange(min = 0) int interfaceId) {
        MemorySegment block = MemorySegment.ofArray(new byte[EnhancedPacketBlockDescriptor.encodedLength(1)]);
        EnhancedPacketBlock.writeFrame(block, 0, 0, 77, 1, 1, 0);

        EnhancedPacketBlock.setInterfaceId(block, 0, interfaceId);

        assertThat(EnhancedPacketBlock.interfaceId(block, 0)).isEqualTo(interfaceId);
        assertThat(EnhancedPacketBlock.timestampNs(block, 0)).isEqualTo(77);
    }
}
