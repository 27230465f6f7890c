package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportMemoryTest {
    private static final int PACKETS_PER_CHUNK = 5_000;
    private static final int CHUNKS_PER_NODE = 5;

    /** Headers, interface descriptions and the like of one chunk; less than 4 bytes a packet. */
    private static final long BYTES_PER_CHUNK = 20_000;

    @TempDir private Path folder;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @ValueSource(strings = {"", "tcp port 443"})
    void shouldAllocateNothingPerPacket(String bpf) {
        SnapshotFiles snapshot = snapshot(1);
        ExportPlan plan =
                Exporter.plan(snapshot, new ExportRequest(ExportFormat.PCAPNG, List.of(), TimeWindow.ALL, bpf));
        allocatedBy(plan);

        assertThat(allocatedBy(plan)).isLessThan(2 * CHUNKS_PER_NODE * BYTES_PER_CHUNK);
    }

    @Test
    void shouldKeepAnIndexOnlyOfChunksThatAreOutOfOrder() {
        ExportPlan plan = Exporter.plan(snapshot(-1), ExportRequest.everything(ExportFormat.PCAPNG));
        allocatedBy(plan);

        // 24 bytes a record while a chunk is sorted, and the array of its runs.
        assertThat(allocatedBy(plan))
                .isLessThan(2 * CHUNKS_PER_NODE * (BYTES_PER_CHUNK + 32L * PACKETS_PER_CHUNK))
                .isGreaterThan(2 * CHUNKS_PER_NODE * 4L * PACKETS_PER_CHUNK);
    }

    private SnapshotFiles snapshot(int step) {
        SnapshotFixture fixture = new SnapshotFixture(folder);
        for (int node = 0; node < 2; node++) {
            List<byte[]> chunks = new ArrayList<>();
            for (int sequence = 1; sequence <= CHUNKS_PER_NODE; sequence++) {
                chunks.add(ChunkFixtures.node("n" + node).sequence(sequence).packets(packets(sequence, node, step)));
            }
            fixture.node("n" + node, chunks);
        }
        return fixture.files();
    }

    private static List<FixturePacket> packets(int sequence, int node, int step) {
        List<FixturePacket> packets = new ArrayList<>();
        long timeNs = SnapshotFixture.START_NS + sequence * 100_000_000L + node;
        for (int i = 0; i < PACKETS_PER_CHUNK; i++) {
            timeNs += step * 100L;
            packets.add(FixturePacket.ethernet("eth0", timeNs, Frames.tcp(i, i % 2 == 0 ? 443 : 80, 100)));
        }
        return packets;
    }

    private long allocatedBy(ExportPlan plan) {
        try (Arena arena = Arena.ofConfined();
                ExportRun run = ExportRun.of(plan, () -> false)) {
            MemorySegment buffer = arena.allocate(Exporter.BUFFER_LENGTH);
            long before = threads.getCurrentThreadAllocatedBytes();
            while (run.fill(buffer) > 0) {
                assertThat(run.statistics().bytes()).isPositive();
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }
}
