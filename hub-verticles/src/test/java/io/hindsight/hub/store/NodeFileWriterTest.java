package io.hindsight.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.FaultyChannel;
import io.hindsight.hub.testing.FaultyChannel.Faults;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.testing.ChunkFixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFileWriterTest {
    private static final String NODE = "node-1";

    @TempDir Path folder;

    private final StoreWorkers workers = new StoreWorkers();
    private final Faults faults = new Faults();
    private final Heard heard = new Heard();

    @AfterEach
    void stop() {
        workers.close();
    }

    @Test
    void shouldWriteEveryByteThoughTheDiskTakesLittleAtATime() throws IOException {
        faults.shortWriteBytes = 777;
        List<byte[]> chunks = TestChunks.packets(NODE, 5, 100);
        NodeFileWriter writer = writer(1L << 30);
        chunks.forEach(chunk -> writer.append(inTwoParts(chunk)));

        NodeFile file = writer.finish().join();

        byte[] expected = ChunkFixtures.concatenate(chunks);
        assertThat(Files.readAllBytes(data())).isEqualTo(expected);
        assertThat(file.data().sha256()).isEqualTo(Digest.ofContent(expected).hex());
        assertThat(file.counts().packets()).isEqualTo(500);
        assertThat(index()).extracting(IndexRecord::digest).isEqualTo(chunks.stream().map(Digest::ofContent).toList());
        assertThat(heard.releasedBytes).hasValue(expected.length);
    }

    @Test
    void shouldRefuseABrokenChunkBeforeAByteOfItIsWritten() throws IOException {
        List<byte[]> chunks = TestChunks.packets(NODE, 3, 10);
        NodeFileWriter writer = writer(1L << 30);
        writer.append(ChunkFixtures.asChunk(chunks.get(0)));
        writer.append(TestChunks.broken(chunks.get(1), chunks.get(1).length / 2));
        writer.append(ChunkFixtures.asChunk(chunks.get(2)));

        writer.finish().join();

        assertThat(Files.readAllBytes(data())).isEqualTo(chunks.get(0));
        assertThat(heard.refused).extracting(HindsightException::code).containsExactly(ErrorCode.INTEGRITY_VIOLATED);
        assertThat(heard.failed).isEmpty();
    }

    @Test
    void shouldRefuseAChunkOfAnotherNode() {
        NodeFileWriter writer = writer(1L << 30);
        writer.append(ChunkFixtures.asChunk(TestChunks.packets("node-2", 1, 10).getFirst()));

        assertThat(writer.finish().join().counts().chunks()).isZero();
        assertThat(heard.refused).hasSize(1);
    }

    @Test
    void shouldLeaveOutWhatItHasAlready() throws IOException {
        List<byte[]> chunks = TestChunks.packets(NODE, 2, 10);
        NodeFileWriter writer = writer(1L << 30);
        for (int chunk : new int[] {0, 0, 1, 0, 1}) {
            writer.append(ChunkFixtures.asChunk(chunks.get(chunk)));
        }
        writer.finish().join();

        assertThat(Files.readAllBytes(data())).isEqualTo(ChunkFixtures.concatenate(chunks));
    }

    @Test
    void shouldReportOnlyWhatIsOnDiskAsDurable() {
        List<byte[]> chunks = TestChunks.packets(NODE, 20, 100);
        NodeFileWriter writer = writer(chunks.getFirst().length * 4L);
        chunks.forEach(chunk -> writer.append(ChunkFixtures.asChunk(chunk)));
        writer.finish().join();

        List<Long> sequences = heard.durable.stream().map(each -> each.get("packets")).toList();
        assertThat(sequences).isNotEmpty().isSorted();
        assertThat(faults.syncs.get()).isGreaterThanOrEqualTo(2 * heard.durable.size());
    }

    @Test
    void shouldNeverAcknowledgeAfterAFailedSyncNorTryItAgain() {
        faults.failsSync = true;
        List<byte[]> chunks = TestChunks.packets(NODE, 10, 100);
        NodeFileWriter writer = writer(1);
        writer.append(ChunkFixtures.asChunk(chunks.getFirst()));
        Awaitility.await().until(() -> !heard.failed.isEmpty());
        int syncsUntilFailure = faults.syncs.get();
        faults.failsSync = false;
        chunks.forEach(chunk -> writer.append(ChunkFixtures.asChunk(chunk)));

        assertThatThrownBy(() -> writer.finish().join()).hasCauseInstanceOf(HindsightException.class);
        assertThat(heard.durable).isEmpty();
        assertThat(faults.syncs).hasValue(syncsUntilFailure);
        assertThat(heard.failed)
                .singleElement()
                .satisfies(failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.IO_FAILED);
                    assertThat(failure).hasMessageContaining("node-1.pcapng").hasMessageContaining("sync");
                });
    }

    @Test
    void shouldFailWithTheReasonWhenTheVolumeIsFull() {
        faults.fullAfterBytes = 10_000;
        List<byte[]> chunks = TestChunks.packets(NODE, 10, 100);
        NodeFileWriter writer = writer(1L << 30);
        chunks.forEach(chunk -> writer.append(ChunkFixtures.asChunk(chunk)));
        Awaitility.await().until(() -> !heard.failed.isEmpty());
        writer.abandon().join();

        assertThat(heard.failed).extracting(HindsightException::code).containsExactly(ErrorCode.INSUFFICIENT_STORAGE);
        assertThat(heard.releasedBytes).hasValue(chunks.stream().mapToLong(chunk -> chunk.length).sum());
    }

    private NodeFileWriter writer(long syncBytes) {
        return new NodeFileWriter(
                new NodeId(NODE),
                NodeFileStart.empty(
                        new NodeId(NODE),
                        data(),
                        folder.resolve("node-1.index"),
                        file -> new FaultyChannel(ChannelOpener.FILES.create(file), faults)),
                workers,
                new SyncPolicy(syncBytes, Duration.ofHours(1), System::nanoTime),
                heard);
    }

    private Path data() {
        return folder.resolve("node-1.pcapng");
    }

    private List<IndexRecord> index() throws IOException {
        List<IndexRecord> records = new ArrayList<>();
        try (IndexReader reader = IndexReader.open(folder.resolve("node-1.index"), new NodeId(NODE))) {
            while (reader.hasNext()) {
                records.add(reader.next());
            }
        }
        return records;
    }

    private static Chunk inTwoParts(byte[] chunk) {
        int cut = 400;
        return Chunk.unowned(
                ChunkFixtures.asChunk(chunk).header(),
                List.of(ByteBuffer.wrap(chunk, 0, cut), ByteBuffer.wrap(chunk, cut, chunk.length - cut)));
    }

    /** Remembers what it hears. */
    private static final class Heard implements FileListener {
        private final AtomicLong releasedBytes = new AtomicLong();
        private final List<Map<String, Long>> durable = Collections.synchronizedList(new ArrayList<>());
        private final List<HindsightException> refused = new CopyOnWriteArrayList<>();
        private final List<HindsightException> failed = new CopyOnWriteArrayList<>();

        @Override
        public void released(long lengthBytes, FileCounts counts) {
            releasedBytes.addAndGet(lengthBytes);
        }

        @Override
        public void durable(Map<String, Long> sequences, long bytes) {
            durable.add(sequences);
        }

        @Override
        public void refused(HindsightException reason) {
            refused.add(reason);
        }

        @Override
        public void failed(HindsightException failure) {
            failed.add(failure);
        }
    }
}
