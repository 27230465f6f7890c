package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VerifyReport;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotLifecycleTest {
    @TempDir Path folder;

    @Test
    void shouldSealWhatTwoNodesSentByteForByte() throws IOException {
        try (TestHub hub = new TestHub(folder)) {
            List<byte[]> first = TestChunks.packets("node-1", 12, 500);
            List<byte[]> second = TestChunks.packets("node-2", 3, 50);
            ScriptedAgent agent = hub.agent("node-1", first);
            hub.agent("node-2", second);

            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("both")).id());

            assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(snapshot.packets()).isEqualTo(12 * 500 + 3 * 50);
            Path sealed = folder.resolve(snapshot.id());
            assertThat(Files.readAllBytes(sealed.resolve("node-1.pcapng"))).isEqualTo(ChunkFixtures.concatenate(first));
            assertThat(Files.readAllBytes(sealed.resolve("node-2.pcapng")))
                    .isEqualTo(ChunkFixtures.concatenate(second));
            VerifyReport report = hub.verify(snapshot.id());
            assertThat(report.violations()).isEmpty();
            assertThat(report.merkleRoot()).isEqualTo(snapshot.merkleRoot());
            assertThat(SealedSnapshot.open(sealed).manifest().nodes().getFirst().interfaces()).hasSize(2);
            assertThat(agent.releases).containsExactly("completed");
        }
    }
}
