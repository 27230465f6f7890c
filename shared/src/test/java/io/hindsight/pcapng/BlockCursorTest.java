package io.hindsight.pcapng;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BlockCursorTest {
    private static final int TYPE = 0x0BAD;

    @Property(tries = 200)
    void shouldWalkEveryBlock(@ForAll @Size(max = 20) List<@IntRange(min = 0, max = 40) Integer> bodyLengths) {
        MemorySegment segment = MemorySegment.ofArray(new byte[20 * 64]);
        long end = 0;
        for (int bodyLength : bodyLengths) {
            end += BlockWriter.begin(segment, end, TYPE).padded(new byte[bodyLength]).end();
        }

        BlockCursor blocks = new BlockCursor(segment, 0, end);

        long offset = 0;
        for (int bodyLength : bodyLengths) {
            assertThat(blocks.next()).isTrue();
            assertThat(blocks.type()).isEqualTo(TYPE);
            assertThat(blocks.offset()).isEqualTo(offset);
            assertThat(blocks.length()).isEqualTo(BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(bodyLength));
            offset += blocks.length();
        }
        assertThat(blocks.next()).isFalse();
        assertThat(blocks.next()).isFalse();
    }

    @Property(tries = 200)
    void shouldRefuseEveryWrongLengthNamingItsOffset(@ForAll int length, @ForAll boolean trailer) {
        MemorySegment segment = MemorySegment.ofArray(new byte[64]);
        int first = BlockWriter.begin(segment, 0, TYPE).u64(1).end();
        int second = BlockWriter.begin(segment, first, TYPE).u64(2).end();
        int field = trailer ? second - BlockDescriptor.TRAILER_LENGTH : BlockDescriptor.TOTAL_LENGTH_OFFSET;
        segment.set(LittleEndian.U32, first + field, length == second ? second + 1 : length);

        BlockCursor blocks = new BlockCursor(segment, 0, first + second);

        assertThat(blocks.next()).isTrue();
        assertThatThrownBy(blocks::next)
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED))
                .hasMessageContaining("offset=" + first);
    }

    @Test
    void shouldRefuseABlockThatReachesBeyondTheEnd() {
        MemorySegment segment = MemorySegment.ofArray(new byte[64]);
        int length = BlockWriter.begin(segment, 0, TYPE).u64(1).end();

        assertThatThrownBy(() -> new BlockCursor(segment, 0, length - 4).next()).hasMessageContaining("offset=0");
    }

    @Test
    void shouldRefuseBoundsOutsideTheSegment() {
        MemorySegment segment = MemorySegment.ofArray(new byte[64]);

        assertThatThrownBy(() -> new BlockCursor(segment, 0, 65)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BlockCursor(segment, -1, 64)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BlockCursor(segment, 5, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
