package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.CustodyReport;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyVerifier;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real volume of 16 MiB. */
class FullVolumeTest {
    @TempDir Path folder;

    private Path volume;

    @BeforeEach
    void mount() throws IOException {
        Root.require("mounting a small file system");
        volume = Files.createDirectory(folder.resolve("volume"));
        assertThat(Tools.run("mount", "-t", "tmpfs", "-o", "size=16m", "hindsight-test", volume.toString()).exit())
                .isZero();
    }

    @AfterEach
    void unmount() {
        if (volume != null) {
            Tools.run("umount", volume.toString());
        }
    }

    @Test
    void shouldRefuseWithTheNumbersBeforeAnythingIsWritten() {
        try (TestHub hub = new TestHub(volume)) {
            hub.agent("node-1", TestChunks.packets("node-1", 3, 50)).extraPlannedBytes = 20L << 20;

            assertThatThrownBy(() -> hub.create(TestHub.everything("too large")))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> {
                                assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE);
                                assertThat(refused).hasMessageContaining("needed=").hasMessageContaining("free=");
                            });
            hub.awaitNothingKept();
        }
    }

    @Test
    void shouldFailCleanlyWhenTheRoomVanishesMidwayAndGoOnWithTheNext() throws IOException {
        List<byte[]> chunks = TestChunks.packets("node-1", 40, 1_000);
        Path other = volume.resolve(".other");
        try (TestHub hub = new TestHub(TestHub.config(volume, 4, 1L << 20))) {
            var agent = hub.agent("node-1", chunks);
            agent.silentAfter = 2;
            Snapshot running = hub.create(TestHub.everything("squeezed"));
            Files.write(other, new byte[(int) (Files.getFileStore(volume).getUsableSpace() - (1 << 20))]);
            agent.silentAfter = Integer.MAX_VALUE;

            Snapshot failed = hub.ended(running.id());

            assertThat(failed.state()).isEqualTo(SnapshotState.FAILED);
            assertThat(failed.error())
                    .isNotNull()
                    .satisfies(error -> assertThat(error.code()).isEqualTo("INSUFFICIENT_STORAGE"));
            Files.delete(other);
            hub.awaitNothingKept();
            assertThat(hub.ended(hub.create(TestHub.everything("next")).id()).state())
                    .isEqualTo(SnapshotState.COMPLETE);
        }
    }

    @Test
    void shouldPromiseNoRoomTwice() throws IOException {
        try (TestHub hub = new TestHub(volume)) {
            var agent = hub.agent("node-1", TestChunks.packets("node-1", 3, 50));
            agent.silentAfter = 1;
            agent.extraPlannedBytes = 9L << 20;
            hub.create(TestHub.everything("first"));

            assertThatThrownBy(() -> hub.create(TestHub.everything("second")))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE));
        }
    }

    /** Deleting makes room, and needs a line in the custody log: without room put aside nothing could ever be deleted again. */
    @Test
    void shouldRecordADeletionOnAVolumeThatIsFullToTheLastByte() throws IOException {
        Path log = volume.resolve(".custody");
        try (TestHub hub = new TestHub(TestHub.config(volume, 4, 1L << 20))) {
            hub.agent("node-1", TestChunks.packets("node-1", 3, 50));
            String id = hub.ended(hub.create(TestHub.everything("kept")).id()).id();
            assertThat(log.resolve("reserve")).exists();
            fill(volume.resolve(".other"));
            for (int i = 0; i < 20; i++) {
                hub.verify(id);
            }

            hub.delete(id);

            assertThat(volume.resolve(id)).doesNotExist();
        }
        assertThat(log.resolve("reserve")).doesNotExist();
        CustodyReport report = CustodyVerifier.verify(volume);
        assertThat(report.fault()).isNull();
        assertThat(report.last()).isEqualTo(2 + 20 + 2);
    }

    private static void fill(Path file) throws IOException {
        byte[] page = new byte[4 << 10];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
