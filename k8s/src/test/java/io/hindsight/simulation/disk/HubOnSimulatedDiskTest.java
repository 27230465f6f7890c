package io.hindsight.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.api.CustodyReport;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.Verification;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.custody.CustodyVerifier;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileListener;
import io.hindsight.hub.store.Folders;
import io.hindsight.hub.store.LocalSnapshotStore;
import io.hindsight.hub.store.LockRecords;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.NodeFileWriter;
import io.hindsight.hub.store.SessionJournal;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.hub.store.SnapshotStore.Stored;
import io.hindsight.hub.store.StoreWorkers;
import io.hindsight.hub.store.SyncPolicy;
import io.hindsight.hub.store.VerificationRecords;
import io.hindsight.hub.verify.DataFileCheck;
import io.hindsight.hub.verify.DataFileFacts;
import io.hindsight.hub.verify.Findings;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Hub's real store and records on a simulated disk. */
class HubOnSimulatedDiskTest {
    private static final Instant NOW = Instant.parse("2026-11-26T01:00:00Z");
    private static final String NODE = "node-1";
    private static final String ID = "0198f2a4-6c00-7000-8000-000000000001";

    private final SimulatedDisk disk = new SimulatedDisk(4 << 20, InstantSource.fixed(NOW));
    private final StoreWorkers workers = new StoreWorkers();

    @AfterEach
    void stop() {
        workers.close();
    }

    private Path data() {
        return disk.mount().getPath("/data");
    }

    private LocalSnapshotStore store(Path root) {
        return new LocalSnapshotStore(root, workers, new SyncPolicy(1L << 20, Duration.ofSeconds(1), System::nanoTime));
    }

    private static byte[] chunk(long sequence) {
        return ChunkFixtures.node(NODE)
                .sequence(sequence)
                .packets(
                        List.of(
                                FixturePacket.ethernet(
                                        "eth0", EpochNanos.of(NOW) + sequence, new byte[] {(byte) sequence, 2, 3})));
    }

    @SuppressWarnings("NullAway") // it does not see in class files that a nested type may be null
    private static Manifest manifest(SnapshotBuild build, NodeFile file) throws IOException {
        MerkleTree tree = new MerkleTree();
        DataFileFacts facts =
                new DataFileCheck(
                                build.files(node(file, List.of())), DataFileCheck.Depth.CHECKSUMS, new Findings(), tree)
                        .run();
        return new Manifest(
                Manifest.FORMAT_VERSION,
                ID,
                "a snapshot",
                SnapshotState.COMPLETE,
                new SnapshotRequest(null, "1m", null, null, null),
                null,
                null,
                "local",
                NOW,
                NOW,
                "hindsight test",
                NOW.minusSeconds(60),
                NOW,
                file.counts().bytes(),
                file.counts().chunks(),
                file.counts().packets(),
                0,
                tree.root().hex(),
                List.of(node(file, facts.interfaces())),
                null,
                null,
                null,
                null,
                null,
                "0".repeat(2 * Digest.LENGTH));
    }

    @SuppressWarnings("NullAway") // it does not see in class files that a nested type may be null
    private static Manifest.Node node(NodeFile file, List<Manifest.Interface> interfaces) {
        FileCounts counts = file.counts();
        return new Manifest.Node(
                NODE,
                SnapshotNode.State.COMPLETE,
                null,
                file.data(),
                file.index(),
                counts.chunks(),
                counts.packets(),
                0,
                EpochNanos.toInstant(counts.firstTimestampNs()),
                EpochNanos.toInstant(counts.lastTimestampNs()),
                interfaces,
                Map.of(),
                List.of(),
                null,
                null,
                null,
                null);
    }

    private void seal(LocalSnapshotStore store) throws IOException {
        SnapshotBuild build = store.begin(ID);
        NodeFileWriter writer = build.openFile(new NodeId(NODE), new Ignoring());
        for (long sequence = 1; sequence <= 20; sequence++) {
            writer.append(ChunkFixtures.asChunk(chunk(sequence)));
        }
        NodeFile file = writer.finish().join();
        assertThat(build.seal(manifest(build, file))).isFalse();
    }

    @Test
    void shouldBuildSealListAndVerifyASnapshot() throws IOException {
        LocalSnapshotStore store = store(data());
        seal(store);

        assertThat(store.list()).singleElement().satisfies(stored -> assertThat(stored.problem()).isNull());
        assertThat(SnapshotVerifier.verify(store.folder(ID)).violations()).isEmpty();
        assertThat(store.sizeBytes(ID)).isPositive().isEqualTo(disk.usedBytes());
        store.delete(ID);
        assertThat(store.list()).isEmpty();
        assertThat(store.usableBytes()).isEqualTo(disk.capacityBytes());
    }

    @Test
    void shouldForceEveryFileAndFolderOfASealedSnapshot() throws IOException {
        Path root = data();
        LocalSnapshotStore store = store(root);
        seal(store);

        Path built = root.resolve("." + ID + ".building");
        List<String> names =
                Folders.entries(store.folder(ID)).stream().map(file -> String.valueOf(file.getFileName())).toList();
        assertThat(names).hasSize(4).allSatisfy(name -> assertThat(disk.forces(built.resolve(name))).isPositive());
        assertThat(disk.forces(built)).isPositive();
        assertThat(disk.forces(root)).isPositive();
    }

    @Test
    void shouldKeepASealedSnapshotThroughEveryPowerCut() throws IOException {
        for (int seed = 0; seed < 10; seed++) {
            SimulatedDisk cut = new SimulatedDisk(4 << 20, InstantSource.fixed(NOW));
            seal(store(cut.mount().getPath("/data")));
            cut.cutPower(new Random(seed));

            LocalSnapshotStore store = store(cut.mount().getPath("/data"));
            assertThat(store.list()).extracting(Stored::id).containsExactly(ID);
            assertThat(SnapshotVerifier.verify(store.folder(ID)).violations()).isEmpty();
        }
    }

    @Test
    void shouldGoOnWithWhatAnEndOfTheProcessLeft() throws IOException {
        Path root = data();
        SnapshotBuild build = store(root).begin(ID);
        NodeFileWriter writer = build.openFile(new NodeId(NODE), new Ignoring());
        writer.append(ChunkFixtures.asChunk(chunk(1)));
        writer.settle().join();
        root.getFileSystem().close();

        LocalSnapshotStore next = store(data());
        assertThat(next.removeUnfinished(Set.of(ID))).isEmpty();
        NodeFileWriter again = next.reopen(ID).reopenFile(new NodeId(NODE), new Ignoring());
        assertThat(again.counts().chunks()).isEqualTo(1);
        again.abandon().join();
    }

    @Test
    void shouldKeepRecordsOfSessionsLocksAndVerifications() throws IOException {
        Path root = data();
        Snapshot snapshot = snapshot();
        SessionJournal journal = new SessionJournal(root);
        journal.entries();
        journal.put(
                new SessionJournal.Entry(
                        snapshot, new SnapshotRequest(null, "1m", null, null, null), null, 1, Map.of()));
        VerificationRecords verifications = new VerificationRecords(root);
        verifications.load(id -> true);
        verifications.put(ID, new Verification(NOW, true, 0, null));
        LockRecords locks = new LockRecords(root);
        locks.load(id -> true);
        locks.put(ID, NOW);
        root.getFileSystem().close();

        Path next = data();
        assertThat(new SessionJournal(next).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.snapshot()).isEqualTo(snapshot));
        assertThat(new VerificationRecords(next).load(id -> true)).containsOnlyKeys(ID);
        assertThat(new LockRecords(next).load(id -> true)).containsEntry(ID, NOW);
    }

    private static Snapshot snapshot() {
        return new Snapshot(
                ID,
                "a snapshot",
                SnapshotState.STREAMING,
                NOW,
                "local",
                null,
                NOW.minusSeconds(60),
                NOW,
                0,
                0,
                0,
                0,
                null,
                List.of(),
                null,
                null);
    }

    @Test
    void shouldKeepWhatTheCustodyLogAcknowledgedThroughEveryPowerCut() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            for (int seed = 0; seed < 10; seed++) {
                SimulatedDisk cut = new SimulatedDisk(4 << 20, InstantSource.fixed(NOW));
                CustodyLog log = new CustodyLog(vertx, cut.mount().getPath("/data"), InstantSource.fixed(NOW));
                log.open().await();
                log.append(event()).await();
                log.append(event()).await();
                cut.cutPower(new Random(seed));
                log.close().await();

                Path root = cut.mount().getPath("/data");
                assertThat(CustodyVerifier.verify(root))
                        .returns(true, CustodyReport::intact)
                        .returns(2L, CustodyReport::last);
                assertThat(Files.readString(root.resolve(".custody/head"))).startsWith("%020d ".formatted(2));
            }
        } finally {
            vertx.close().await();
        }
    }

    private static CustodyEvent event() {
        return new CustodyEvent(CustodyAction.DELETE, ID, null, "local", null, CustodyOutcome.DONE, null, Map.of());
    }

    private static final class Ignoring implements FileListener {
        @Override
        public void released(long lengthBytes, FileCounts counts) {}

        @Override
        public void durable(Map<String, Long> sequences, long bytes) {}

        @Override
        public void refused(HindsightException reason) {
            throw reason;
        }

        @Override
        public void failed(HindsightException failure) {
            throw failure;
        }
    }
}
