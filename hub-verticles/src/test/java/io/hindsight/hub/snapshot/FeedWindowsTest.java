package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.bus.PlannedRing;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.time.TimeWindow;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeedWindowsTest {
    private static final TimeWindow ASKED = new TimeWindow(100, 200);

    private static ChunkHeader chunk(ChunkSource source, long sequence, long firstNs, long lastNs) {
        return new ChunkHeader(source, 0, 0, 1, 7, sequence, firstNs, lastNs, ChunkHeader.NO_DROPS, 0, 400);
    }

    private static FeedWindows packets(long after) {
        PlannedRing ring = new PlannedRing(1, 5, 90, 9, 100L, null);
        return new FeedWindows(ASKED, Map.of("packets", ring), after == 0 ? Map.of() : Map.of("packets", after));
    }

    @Test
    void shouldWantWhatWasPlannedAndIsNotHere() {
        FeedWindows windows = packets(6);
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 7, 100, 199))).isTrue();
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 6, 100, 199))).as("here").isFalse();
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 10, 100, 199))).as("behind the plan").isFalse();
        assertThat(packets(0).want(chunk(ChunkSource.PACKETS, 4, 100, 199))).as("before the plan").isFalse();
        assertThat(windows.want(chunk(ChunkSource.OS, 7, 100, 199))).as("not planned").isFalse();
        windows.take(chunk(ChunkSource.PACKETS, 8, 100, 199));
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 8, 100, 199))).as("on its way").isFalse();
    }

    @Test
    void shouldKnowTheEdges() {
        FeedWindows windows = packets(0);
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 5, 50, 99))).isFalse();
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 5, 50, 100))).isTrue();
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 5, 199, 300))).isTrue();
        assertThat(windows.want(chunk(ChunkSource.PACKETS, 5, 200, 300))).isFalse();
        assertThat(windows.cutFor(chunk(ChunkSource.PACKETS, 5, 100, 199))).isNull();
        assertThat(windows.cutFor(chunk(ChunkSource.PACKETS, 5, 99, 199))).isEqualTo(ASKED);
        assertThat(windows.cutFor(chunk(ChunkSource.PACKETS, 5, 100, 200))).isEqualTo(ASKED);
    }

    /** What began before the window and goes on in it is told from the last checkpoint on. */
    @Test
    void shouldReachBackToTheCheckpointOfEvents() {
        FeedWindows told = new FeedWindows(ASKED, Map.of("os", new PlannedRing(1, 5, 20, 9, 40L, null)), Map.of());
        assertThat(told.cutFor(chunk(ChunkSource.OS, 5, 20, 60))).isEqualTo(new TimeWindow(40, 200));
        assertThat(told.want(chunk(ChunkSource.OS, 5, 20, 39))).isFalse();
        FeedWindows older = new FeedWindows(ASKED, Map.of("os", new PlannedRing(1, 5, 20, 9)), Map.of());
        assertThat(older.cutFor(chunk(ChunkSource.OS, 5, 20, 60))).isNull();
        FeedWindows olderPackets = new FeedWindows(ASKED, Map.of("packets", new PlannedRing(1, 5, 20, 9)), Map.of());
        assertThat(olderPackets.cutFor(chunk(ChunkSource.PACKETS, 5, 20, 160))).isEqualTo(ASKED);
    }
}
