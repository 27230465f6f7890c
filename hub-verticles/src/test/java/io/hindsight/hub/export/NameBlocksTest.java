package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.pcapng.NameResolutionBlock;
import io.hindsight.pcapng.ResolvedName;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NameBlocksTest {
    private static final TimeWindow WINDOW = new TimeWindow(1_000, 2_000);

    private final List<AddressInterval> intervals = new ArrayList<>();

    private void held(String address, String type, @Nullable String namespace, String name, long fromNs, long toNs) {
        Holder holder =
                new Holder(
                        type,
                        namespace,
                        name,
                        null,
                        null,
                        Map.of(),
                        null,
                        List.of(address),
                        new TimeWindow(fromNs, toNs));
        intervals.add(new AddressInterval(InetAddress.ofLiteral(address), holder));
    }

    private NameBlocks blocks() {
        return NameBlocks.of(new Intervals(intervals), WINDOW);
    }

    private static List<ResolvedName> names(NameBlocks blocks) {
        return blocks.blocks().stream()
                .flatMap(block -> NameResolutionBlock.read(MemorySegment.ofArray(block), 0).stream())
                .toList();
    }

    private static ResolvedName name(String address, String... names) {
        return new ResolvedName(InetAddress.ofLiteral(address), List.of(names));
    }

    @Test
    void shouldNameEachKindOfHolder() {
        held("10.0.0.1", "Pod", "shop", "a", 0, 5_000);
        held("10.0.0.2", "Service", "shop", "b", 0, 5_000);
        held("10.0.0.3", "Node", null, "n.example", 0, 5_000);
        held("fd00::1", "Pod", "shop", "six", 0, 5_000);
        assertThat(names(blocks()))
                .containsExactly(
                        name("10.0.0.1", "a.shop"),
                        name("10.0.0.2", "b.shop.svc"),
                        name("10.0.0.3", "n.example"),
                        name("fd00::1", "six.shop"));
    }

    @Test
    void shouldPutTheLongestHolderOfTheWindowFirstAndLast() {
        held("10.0.0.1", "Pod", "shop", "before", Long.MIN_VALUE, 1_100);
        held("10.0.0.1", "Pod", "shop", "most", 1_100, 1_500);
        held("10.0.0.1", "Pod", "shop", "late", 1_500, 1_600);
        held("10.0.0.1", "Pod", "shop", "most", 1_600, 1_700);
        held("10.0.0.1", "Pod", "shop", "gone", 0, 1_000);
        held("10.0.0.1", "Pod", "shop", "after", 2_000, Long.MAX_VALUE);
        held("10.0.0.2", "Pod", "shop", "agent", 0, 3_000);
        held("10.0.0.2", "Node", null, "z", 0, 3_000);
        assertThat(names(blocks()))
                .containsExactly(
                        name("10.0.0.1", "most.shop", "before.shop", "late.shop", "most.shop"),
                        name("10.0.0.2", "z", "agent.shop", "z"));
    }

    @Test
    void shouldTellHowManyAddressesAreLeftOut() {
        for (int i = 0; i < NameBlocks.MAX_ADDRESSES + 7; i++) {
            held("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), "Pod", "shop", "p" + i, 0, 5_000);
        }
        NameBlocks blocks = blocks();
        assertThat(blocks.addresses()).isEqualTo(NameBlocks.MAX_ADDRESSES);
        assertThat(blocks.leftOut()).isEqualTo(7);
        assertThat(names(blocks)).hasSize(NameBlocks.MAX_ADDRESSES);
    }

    @Test
    void shouldKeepRecordsAndNamesShort() {
        for (int i = 0; i < 500; i++) {
            held("10.0.0.1", "Pod", "n".repeat(9_000), "p".repeat(9_000) + i, 1_000 + i, 2_000);
            held("10.0.0.2", "Pod", "shop", "p" + i + "\0\n .*", 1_000 + i, 2_000);
        }
        NameBlocks blocks = blocks();
        for (byte[] block : blocks.blocks()) {
            assertThat(MemorySegment.ofArray(block).get(LittleEndian.U32, BlockDescriptor.TOTAL_LENGTH_OFFSET))
                    .isEqualTo(block.length);
        }
        assertThat(names(blocks))
                .hasSize(2)
                .allSatisfy(each -> {
                    assertThat(each.names()).hasSizeLessThanOrEqualTo(NameBlocks.MAX_NAMES + 1);
                    assertThat(each.names())
                            .allMatch(name ->
                                    name.length() <= NameBlocks.MAX_NAME_LENGTH && name.matches("[A-Za-z0-9._:-]+"));
                });
    }

    /** Addresses alone. */
    private record Intervals(List<AddressInterval> addresses) implements Resolution {
        @Override
        public boolean isEmpty() {
            return addresses.isEmpty();
        }

        @Override
        public Optional<Holder> holder(InetAddress address, long timeNs) {
            return Optional.empty();
        }

        @Override
        public Optional<SocketOwner> owner(
                String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long fromNs, long toNs) {
            return Optional.empty();
        }

        @Override
        public List<Holder> workloads() {
            return addresses.stream().map(AddressInterval::holder).toList();
        }

        @Override
        public Map<String, Long> omitted() {
            return Map.of();
        }
    }
}
