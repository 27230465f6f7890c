package io.hindsight.launcher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir private Path directory = Path.of(".");

    @Test
    void shouldRefuseASecondUserAndNameTheFirst() throws IOException {
        Path data = directory.resolve("a/b");
        try (DataDirectory first = DataDirectory.open(data)) {
            assertThat(first.path()).isEqualTo(data);
            assertThatThrownBy(() -> DataDirectory.open(data))
                    .isInstanceOf(HindsightException.class)
                    .hasMessageContaining("in use by process " + ProcessHandle.current().pid())
                    .hasMessageContaining("--data DIR");
        }
        DataDirectory.open(data).close();
    }

    @Test
    void shouldSayThatAFolderCannotBeMade() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("cannot be used");
    }
}
