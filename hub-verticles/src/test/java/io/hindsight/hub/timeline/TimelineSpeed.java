package io.hindsight.hub.timeline;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.event.OsEvent;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.hub.testing.EventfulNode;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.verify.ChunkObserver;
import io.hindsight.hub.verify.DataFileCheck;
import io.hindsight.hub.verify.Findings;
import io.hindsight.hub.verify.ReadPace;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the timeline costs of the pass that reads a snapshot back: processor time of the pass with and without it, taking turns. Not part of the suite:
 *
 * <pre>./mvnw verify -DskipITs -pl hub-verticles -am -Dtest=TimelineSpeed -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
class TimelineSpeed {
    private static final Logger LOG = Logger.getLogger(TimelineSpeed.class.getName());
    private static final int ROUNDS = 21;
    private static final long FILE_BYTES = 128L << 20;
    private static final long CHUNK_BYTES = 4L << 20;
    private static final TimeWindow WINDOW =
            new TimeWindow(TestChunks.START_NS, TestChunks.START_NS + 3_600_000_000_000L);

    private static final List<OsEvent.Kind> KINDS =
            List.of(OsEvent.Kind.FORK, OsEvent.Kind.EXEC, OsEvent.Kind.EXIT, OsEvent.Kind.CONNECT, OsEvent.Kind.ACCEPT);

    @TempDir Path folder;

    @Test
    void packetsOf64Bytes() throws IOException {
        measure("64-byte packets", packets(64));
    }

    @Test
    void packetsOf600Bytes() throws IOException {
        measure("600-byte packets", packets(600));
    }

    @Test
    void osEvents() throws IOException {
        List<byte[]> chunks = new ArrayList<>();
        long timeNs = TestChunks.START_NS;
        for (int chunk = 1; chunk <= 64; chunk++) {
            List<FixtureEntry> entries = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                entries.add(EventfulNode.os(timeNs += 100_000, KINDS.get(i % KINDS.size())));
            }
            chunks.add(ChunkFixtures.node("node-1").sequence(chunk).journal(ChunkSource.OS, entries));
        }
        measure("OS events", chunks);
    }

    private static List<byte[]> packets(int length) {
        List<byte[]> chunks = new ArrayList<>();
        int perChunk = (int) (CHUNK_BYTES / (length + 48));
        long timeNs = TestChunks.START_NS;
        for (int chunk = 1; chunk <= FILE_BYTES / CHUNK_BYTES; chunk++) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int i = 0; i < perChunk; i++) {
                packets.add(FixturePacket.ethernet("eth0", timeNs += 3_000, new byte[length]));
            }
            chunks.add(ChunkFixtures.node("node-1").sequence(chunk).packets(packets));
        }
        return chunks;
    }

    private void measure(String what, List<byte[]> chunks) throws IOException {
        Path volume = folder.resolve("volume");
        NodeFiles files;
        try (TestHub hub = new TestHub(volume)) {
            hub.agent("node-1", chunks);
            String id = hub.ended(hub.create(TestHub.everything("speed")).id()).id();
            files = hub.verticle().store().open(id).files().getFirst();
            report(what, files);
        }
    }

    private static void report(String what, NodeFiles files) throws IOException {
        double[] without = new double[ROUNDS];
        double[] with = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            without[round] = cpuMs(files, ChunkObserver.NONE);
            TimelineDerivation derivation = new TimelineDerivation(WINDOW, 1);
            derivation.node(files.node());
            with[round] = cpuMs(files, derivation::chunk);
        }
        Manifest.Node node = files.node();
        double gigabytes = node.bytes() / 1e9;
        LOG.log(
                Level.INFO,
                String.format(
                        "%s: %.0f MB, %d packets, %d events; read back %.0f ms, with the timeline %.0f ms CPU: %.0f ms more for a GB, ratio %.3f (medians of %d)",
                        what,
                        node.bytes() / 1e6,
                        node.packets(),
                        node.records(),
                        median(without),
                        median(with),
                        (median(with) - median(without)) / gigabytes,
                        median(with) / median(without),
                        ROUNDS));
    }

    private static double cpuMs(NodeFiles files, ChunkObserver observer) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long startNs = threads.getCurrentThreadCpuTime();
        new DataFileCheck(
                        files,
                        DataFileCheck.Depth.CHECKSUMS,
                        new Findings(),
                        new MerkleTree(),
                        ReadPace.UNLIMITED,
                        observer)
                .run();
        return (threads.getCurrentThreadCpuTime() - startNs) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
