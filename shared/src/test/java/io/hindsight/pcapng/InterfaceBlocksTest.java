package io.hindsight.pcapng;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class InterfaceBlocksTest {
    @Property(tries = 300)
    void shouldReadTheDescriptionThatWasWritten(
            @ForAll @IntRange(min = 0, max = 65_535) int linkType,
            @ForAll int snapLength,
            @ForAll("texts") String name,
            @ForAll("texts") String description,
            @ForAll("texts") String filter) {
        byte[] block = InterfaceBlocks.description(linkType, snapLength, name, description, filter);
        MemorySegment segment = MemorySegment.ofArray(block);
        BlockCursor blocks = new BlockCursor(segment, 0, block.length);

        assertThat(blocks.next()).isTrue();
        assertThat(blocks.type()).isEqualTo(InterfaceDescriptionBlockDescriptor.TYPE);
        InterfaceDescription read = InterfaceDescription.read(segment, 0);

        assertThat(read).isEqualTo(new InterfaceDescription(linkType, snapLength, name, description, filter, 9));
        assertThat(read.isNanosecond()).isTrue();
        assertThat(read.toBlock()).isEqualTo(block);
        assertThat(blocks.next()).isFalse();
    }

    @Test
    void shouldCutATextThatIsLongerThanAnOptionAtAWholeCharacter() {
        String filter = "é".repeat(40_000);

        byte[] block = InterfaceBlocks.description(1, 0, "eth0", "", filter);

        String read = InterfaceDescription.read(MemorySegment.ofArray(block), 0).filter();
        assertThat(filter).startsWith(read);
        assertThat(read.getBytes(StandardCharsets.UTF_8).length).isBetween(65_530, 65_535);
    }

    @Property(tries = 500)
    void shouldRefuseOrReadAMutatedDescription(@ForAll long seed) {
        byte[] block = InterfaceBlocks.description(1, 65_535, "veth-a", "left end", "tcp port 80");
        MemorySegment mutated = MemorySegment.ofArray(Mutations.mutate(block, new Random(seed)));

        HostileInput.isRefused(() -> {
            BlockCursor blocks = new BlockCursor(mutated, 0, mutated.byteSize());
            while (blocks.next()) {
                assertThat(InterfaceDescription.read(mutated, blocks.offset())).isNotNull();
            }
        });
    }

    @Property(tries = 100)
    void shouldWriteStatisticsWithinTheirBound(
            @ForAll @IntRange(min = 0) int interfaceId,
            @ForAll long timestampNs,
            @ForAll long received,
            @ForAll long interfaceDropped,
            @ForAll long osDropped) {
        MemorySegment segment = MemorySegment.ofArray(new byte[InterfaceBlocks.maxStatisticsLength()]);

        int length =
                InterfaceBlocks.writeStatistics(
                        segment, 0, interfaceId, timestampNs, received, interfaceDropped, osDropped);

        BlockCursor blocks = new BlockCursor(segment, 0, length);
        assertThat(blocks.next()).isTrue();
        assertThat(blocks.type()).isEqualTo(InterfaceStatisticsBlockDescriptor.TYPE);
        assertThat(segment.get(LittleEndian.U32, InterfaceStatisticsBlockDescriptor.INTERFACE_ID_OFFSET))
                .isEqualTo(interfaceId);
        OptionCursor options =
                new OptionCursor(
                        segment,
                        InterfaceStatisticsBlockDescriptor.OPTIONS_OFFSET,
                        length - BlockDescriptor.TRAILER_LENGTH);
        expect(options, InterfaceStatisticsBlockDescriptor.OPTION_RECEIVED, received);
        expect(options, InterfaceStatisticsBlockDescriptor.OPTION_INTERFACE_DROPPED, interfaceDropped);
        expect(options, InterfaceStatisticsBlockDescriptor.OPTION_OS_DROPPED, osDropped);
        assertThat(options.next()).isFalse();
    }

    private static void expect(OptionCursor options, int code, long value) {
        assertThat(options.next()).isTrue();
        assertThat(options.code()).isEqualTo(code);
        assertThat(MemorySegment.ofArray(options.value()).get(LittleEndian.U64, 0)).isEqualTo(value);
    }

    /** Unpaired surrogates have no UTF-8. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().excludeChars('\0').withCharRange(' ', '\uD7FF').ofMaxLength(80);
    }
}
