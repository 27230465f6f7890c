package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.testing.PacketBytes;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnownFlowsTest {
    private static final int RAW = 101;

    private final PacketTuple packet = new PacketTuple();
    private final FlowTuple key = new FlowTuple();

    private FlowTuple flow(int number, boolean reversed) {
        return flow(0x0A00_0000 + number / 7, 1024 + number % 7, 0x0A01_0000 + number % 5, 443, reversed, 0);
    }

    private FlowTuple flow(int source, int port, int destination, int toPort, boolean reversed, int file) {
        byte[] bytes =
                reversed
                        ? PacketBytes.ipv4(destination, source, 6, PacketBytes.tcp(toPort, port, 0, 0, 0, 0))
                        : PacketBytes.ipv4(source, destination, 6, PacketBytes.tcp(port, toPort, 0, 0, 0, 0));
        assertThat(packet.decode(MemorySegment.ofArray(bytes), 0, bytes.length, bytes.length, RAW)).isTrue();
        assertThat(key.set(packet, file)).isTrue();
        return key;
    }

    @Test
    void shouldFindEveryFlowInBothDirectionsWhileItGrows() {
        KnownFlows table = new KnownFlows();
        Set<String> flows = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            boolean isNew = flows.add(i / 7 + " " + i % 7 + " " + i % 5);
            assertThat(table.find(flow(i, i % 2 == 0)) == KnownFlows.NONE).isEqualTo(isNew);
            if (isNew) {
                table.set(table.add(key), 2L * i, 3 * i, 4 * i);
            }
        }
        for (int i = 0; i < 20_000; i++) {
            int slot = table.find(flow(i, i % 2 == 1));
            assertThat(slot).isNotEqualTo(KnownFlows.NONE);
            assertThat(table.validUntilNs(slot)).isEqualTo(2L * i);
            assertThat(table.sequence(slot)).isEqualTo(3 * i);
            assertThat(table.mark(slot)).isEqualTo(4 * i);
        }
        assertThat(table.beyondBound()).isZero();
    }

    @Test
    void shouldCountFlowsBeyondItsBound() {
        KnownFlows table = new KnownFlows(1_000);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 1_500; i++) {
                if (table.find(flow(i, false)) == KnownFlows.NONE) {
                    assertThat(table.add(key) == KnownFlows.NONE).isEqualTo(i >= 1_000);
                }
            }
        }
        // Two of them may share a bit.
        assertThat(table.beyondBound()).isBetween(490L, 500L);
    }

    @Test
    void shouldHoldItsBoundInTheSlotsThatItMayHave() {
        KnownFlows table = new KnownFlows();
        for (int i = 0; i < KnownFlows.MAX_FLOWS + 500; i++) {
            table.add(flow(i * 7, false));
        }
        assertThat(table.find(flow(0, true))).isNotEqualTo(KnownFlows.NONE);
        assertThat(table.find(flow((KnownFlows.MAX_FLOWS - 1) * 7, true))).isNotEqualTo(KnownFlows.NONE);
        assertThat(table.beyondBound()).isBetween(480L, 500L);
    }

    @Test
    void shouldTellLoopbackFlowsOfTwoNodesApartAndNoOthers() {
        KnownFlows table = new KnownFlows();
        table.add(flow(0x7F00_0001, 5, 0x7F00_0001, 80, false, 0));
        assertThat(table.find(flow(0x7F00_0001, 5, 0x7F00_0001, 80, true, 0))).isNotEqualTo(KnownFlows.NONE);
        assertThat(table.find(flow(0x7F00_0001, 5, 0x7F00_0001, 80, true, 1))).isEqualTo(KnownFlows.NONE);
        table.add(flow(1, 5, 2, 80, false, 0));
        assertThat(table.find(flow(1, 5, 2, 80, true, 1))).isNotEqualTo(KnownFlows.NONE);
        assertThat(table.find(flow(1, 80, 2, 5, false, 1))).isEqualTo(KnownFlows.NONE);
    }
}
