package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./hindsight}, the script that people call. */
class ScriptIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    @TempDir private Path directory = Path.of(".");

    @Test
    void shouldRunThroughALinkFromAnywhereWithACleanOutput() throws IOException {
        Path script = Path.of("../hindsight").toRealPath();
        Path link = Files.createSymbolicLink(directory.resolve("a link"), script);

        ToolResult version = Tools.run(TIMEOUT, "sh", "-c", "cd / && \"$0\" --version", link.toString()).succeeded();
        ToolResult unreachable = Tools.run(TIMEOUT, link.toString(), "nodes", "--hub", "http://127.0.0.1:1");

        assertThat(version.lines()).singleElement().asString().startsWith("hindsight ").contains("Java 25");
        assertThat(unreachable.exit()).isEqualTo(5);
        assertThat(unreachable.stdout()).isEmpty();
    }
}
