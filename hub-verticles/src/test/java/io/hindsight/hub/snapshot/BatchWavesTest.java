package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchWavesTest {
    private static final SnapshotRequest REQUEST = new SnapshotRequest(null, "5m", null, null, null);

    private static SnapshotOrder order(String id, long fromNs, long toNs, int nodes) {
        List<NodeId> of = IntStream.range(0, nodes).mapToObj(node -> new NodeId("node-" + node)).toList();
        return new SnapshotOrder(
                id, id, REQUEST, null, "local", Instant.EPOCH, new TimeWindow(fromNs, toNs), of, "batch");
    }

    private static List<List<String>> waves(int maxStreams, SnapshotOrder... orders) {
        return BatchWaves.of(List.of(orders), maxStreams).stream()
                .map(wave -> wave.stream().map(SnapshotOrder::id).toList())
                .toList();
    }

    @Test
    void shouldBeginWithTheOldest() {
        assertThat(waves(10, order("c", 30, 40, 1), order("a", 10, 20, 1), order("b", 20, 30, 1)))
                .containsExactly(List.of("a", "b", "c"));
    }

    @Test
    void shouldKeepTogetherWhatOverlaps() {
        assertThat(
                        waves(
                                3,
                                order("a", 10, 20, 1),
                                order("b", 30, 50, 1),
                                order("c", 40, 60, 1),
                                order("d", 55, 70, 1),
                                order("e", 80, 90, 1)))
                .containsExactly(List.of("a"), List.of("b", "c", "d"), List.of("e"));
    }

    @Test
    void shouldSplitWhatDoesNotFitAndTakeWhatNeverFitsAlone() {
        assertThat(waves(4, order("a", 10, 90, 2), order("b", 20, 90, 2), order("c", 30, 90, 9), order("d", 40, 90, 1)))
                .containsExactly(List.of("a", "b"), List.of("c"), List.of("d"));
    }

    @Test
    void shouldHandOutSlotsInTurn() {
        StringBuilder begun = new StringBuilder();
        StreamSlots slots = new StreamSlots(4);
        slots.take(3, () -> begun.append('a'));
        slots.take(2, () -> begun.append('b'));
        slots.take(1, () -> begun.append('c'));
        assertThat(begun).hasToString("a");
        slots.giveBack(3);
        assertThat(begun).hasToString("abc");
        slots.take(9, () -> begun.append('d'));
        slots.giveBack(2);
        assertThat(begun).hasToString("abc");
        slots.giveBack(1);
        assertThat(begun).hasToString("abcd");
    }
}
