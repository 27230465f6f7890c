package io.hindsight.pcapng;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NameResolutionBlockTest {
    @Property(tries = 200)
    void shouldReadWhatWasWritten(@ForAll("names") List<ResolvedName> names) {
        MemorySegment block = MemorySegment.ofArray(NameResolutionBlock.encode(names));
        BlockCursor blocks = new BlockCursor(block, 0, block.byteSize());

        assertThat(blocks.next()).isTrue();
        assertThat(blocks.type()).isEqualTo(NameResolutionBlockDescriptor.TYPE);
        assertThat(NameResolutionBlock.read(block, 0)).isEqualTo(names);
        assertThat(blocks.next()).isFalse();
    }

    @Property(tries = 500)
    void shouldRefuseOrReadAMutatedBlock(@ForAll long seed, @ForAll("names") List<ResolvedName> names) {
        MemorySegment mutated =
                MemorySegment.ofArray(Mutations.mutate(NameResolutionBlock.encode(names), new Random(seed)));

        HostileInput.isRefused(() -> {
            BlockCursor blocks = new BlockCursor(mutated, 0, mutated.byteSize());
            while (blocks.next()) {
                assertThat(NameResolutionBlock.read(mutated, blocks.offset())).isNotNull();
            }
        });
    }

    @Test
    void shouldRefuseNamesThatCannotBeWritten() throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(new byte[4]);

        for (List<String> names : List.of(List.<String>of(), List.of(""), List.of("a\0b"))) {
            assertThatThrownBy(() -> new ResolvedName(address, names)).isInstanceOf(IllegalArgumentException.class);
        }
        List<ResolvedName> tooLong = List.of(new ResolvedName(address, List.of("x".repeat(70_000))));
        assertThatThrownBy(() -> NameResolutionBlock.encode(tooLong)).isInstanceOf(IllegalArgumentException.class);
    }

    @Provide
    Arbitrary<List<ResolvedName>> names() {
        Arbitrary<InetAddress> addresses =
                Arbitraries.oneOf(
                                Arbitraries.bytes().array(byte[].class).ofSize(4),
                                Arbitraries.bytes().array(byte[].class).ofSize(16))
                        .map(NameResolutionBlockTest::address);
        Arbitrary<List<String>> names =
                Arbitraries.strings()
                        .withCharRange('\1', '\uD7FF')
                        .ofMinLength(1)
                        .ofMaxLength(40)
                        .list()
                        .ofMinSize(1)
                        .ofMaxSize(3);
        return Combinators.combine(addresses, names).as(ResolvedName::new).list().ofMaxSize(6);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException wrongLength) {
            throw new IllegalArgumentException(wrongLength);
        }
    }
}
