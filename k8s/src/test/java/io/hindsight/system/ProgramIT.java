package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged program says and exits with where no Hub is involved. */
class ProgramIT {
    @TempDir private Path directory = Path.of(".");

    @Test
    void shouldDocumentItsExitCodes() {
        ToolResult help = PackagedProgram.run("--help").succeeded();

        assertThat(help.stdout())
                .contains("Exit codes:", "3   integrity violated", "5   the Hub, or a node, cannot be reached");
        assertThat(help.stdout()).doesNotContain("train");
    }

    @Test
    void shouldPrintACompletionScriptThatBashAccepts() throws IOException {
        ToolResult completion = PackagedProgram.run("completion").succeeded();
        Path script = Files.writeString(directory.resolve("completion"), completion.stdout());

        Tools.run("bash", "-n", script.toString()).succeeded();
        assertThat(completion.stdout()).contains("--storage-size", "snapshot", "--bpf");
    }

    @Test
    void shouldKeepItsOutputCleanWhereItFails() {
        ToolResult unreachable = PackagedProgram.run("snapshot", "list", "--hub", "http://127.0.0.1:1");
        ToolResult refused = PackagedProgram.run("up", "--port", "99999", "--data", directory.toString());
        ToolResult agent = PackagedProgram.run("agent", "--data", directory.toString());

        assertThat(unreachable.exit()).isEqualTo(5);
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.stderr()).contains("port is 0 to 65535, got 99999 (--port)");
        assertThat(agent.exit()).isEqualTo(2);
        assertThat(agent.stderr()).contains("An agent records for a Hub, and none is named. Name it with --hub URL");
        assertThat(unreachable.stdout() + refused.stdout() + agent.stdout()).isEmpty();
    }

    @Test
    void shouldShowEffectiveSettingsAndTheirOrigin() throws IOException {
        Path file = Files.writeString(directory.resolve("hindsight.yaml"), "port: 1234\n");

        ToolResult shown =
                PackagedProgram.run("doctor", "--config", file.toString(), "--host", "127.0.0.9").succeeded();

        assertThat(shown.stdout())
                .containsPattern("port +1234 +" + file + ":1")
                .containsPattern("host +127.0.0.9 +--host");
    }

    @Test
    void shouldDiagnoseTheMachine() {
        ToolResult doctor = PackagedProgram.run("doctor", "--json", "--data", directory.toString());

        assertThat(doctor.exit()).isIn(0, 1);
        assertThat(doctor.stdout()).contains("\"canRecord\"", "\"libpcap\"", "\"capture\"");
    }
}
