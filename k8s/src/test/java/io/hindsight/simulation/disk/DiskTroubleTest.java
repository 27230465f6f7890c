package io.hindsight.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** A simulated disk that is full, fails or writes short, and what it counts. */
class DiskTroubleTest {
    private final SimulatedDisk disk = new SimulatedDisk(1_000, InstantSource.system());
    private final Path root = disk.mount().getPath("/");

    private FileChannel create(String name) throws IOException {
        return FileChannel.open(root.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Test
    void shouldWriteShortAndThenSayThatItIsFull() throws IOException {
        try (FileChannel channel = create("a")) {
            assertThat(channel.write(ByteBuffer.allocate(900))).isEqualTo(900);
            ByteBuffer[] two = {ByteBuffer.allocate(90), ByteBuffer.allocate(90)};
            assertThat(channel.write(two)).isEqualTo(100);
            assertThat(disk.usedBytes()).isEqualTo(1_000);
            assertThatThrownBy(() -> channel.write(two[1])).hasMessage("No space left on device");
            assertThat(channel.write(ByteBuffer.allocate(50), 0)).isEqualTo(50);
            assertThat(channel.write(ByteBuffer.allocate(50), 980)).isEqualTo(20);
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(50), 1_001)).isInstanceOf(IOException.class);
            assertThat(Files.getFileStore(root).getUsableSpace()).isZero();
            channel.truncate(400);
            assertThat(Files.getFileStore(root).getUsableSpace()).isEqualTo(600);
        }
    }

    @Test
    void shouldFreeTheRoomOfADeletedFileWhenNobodyHasItOpen() throws IOException {
        FileChannel channel = create("a");
        channel.write(ByteBuffer.allocate(700));
        Files.delete(root.resolve("a"));
        assertThat(disk.usedBytes()).isEqualTo(700);
        channel.close();
        assertThat(disk.usedBytes()).isZero();

        Files.write(root.resolve("b"), new byte[300]);
        Files.write(root.resolve("c"), new byte[200]);
        Files.move(root.resolve("c"), root.resolve("b"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(disk.usedBytes()).isEqualTo(200);
    }

    @Test
    void shouldFailTheOperationsThatMatchAsOftenAsAsked() throws IOException {
        DiskFailure failure = new DiskFailure(DiskOperation.WRITE, path -> path.toString().equals("/a"), 2);
        disk.bend(failure);
        try (FileChannel other = create("b");
                FileChannel channel = create("a")) {
            assertThat(other.write(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1))).hasMessage("Input/output error");
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1), 0)).hasMessage("Input/output error");
            assertThat(channel.write(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThat(failure.left()).isZero();
        }
    }

    @Test
    void shouldRefuseNamesThatTheHookRefuses() throws IOException {
        Files.write(root.resolve("a"), new byte[1]);
        for (DiskOperation operation : new DiskOperation[] {DiskOperation.RENAME, DiskOperation.DELETE}) {
            disk.bend(new DiskFailure(operation, path -> true, 1));
            assertThatThrownBy(
                            () -> {
                                Files.move(root.resolve("a"), root.resolve("b"));
                                Files.delete(root.resolve("b"));
                            })
                    .hasMessage("Input/output error");
        }
        assertThat(Files.exists(root.resolve("b"))).isTrue();
    }

    @Test
    void shouldWriteAsShortAsTheHookSays() throws IOException {
        disk.bend(
                new DiskHook() {
                    @Override
                    public long taken(Path path, long bytes) {
                        return Math.min(bytes, 3);
                    }
                });
        try (FileChannel channel = create("a")) {
            ByteBuffer bytes = ByteBuffer.allocate(7);
            assertThat(channel.write(bytes)).isEqualTo(3);
            assertThat(channel.write(new ByteBuffer[] {bytes, ByteBuffer.allocate(9)})).isEqualTo(3);
            assertThat(channel.size()).isEqualTo(6);
        }
    }

    @Test
    void shouldCountForcesByName() throws IOException {
        try (FileChannel channel = create("a");
                FileChannel folder = FileChannel.open(root, StandardOpenOption.READ)) {
            channel.force(false);
            channel.force(true);
            folder.force(true);
        }
        assertThat(disk.forces(root.resolve("a"))).isEqualTo(2);
        assertThat(disk.forces(root)).isEqualTo(1);
        assertThat(disk.forces(root.resolve("b"))).isZero();
        assertThat(disk.forces()).isEqualTo(3);
    }
}
