package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code agent} refuses before it starts. */
class AgentCommandTest {
    @TempDir private Path folder = Path.of(".");

    private Program agent(String... options) {
        String[] arguments = new String[options.length + 3];
        arguments[0] = "agent";
        arguments[1] = "--data";
        arguments[2] = folder.resolve("data").toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return Program.run(arguments);
    }

    @Test
    void shouldSayThatItNeedsAHub() {
        Program refused = agent();

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("INVALID_CONFIGURATION").contains("none is named. Name it with --hub URL");
        assertThat(refused.out()).isEmpty();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void shouldRefusePlainHttpBeyondThisMachine() {
        Program refused = agent("--hub", "http://192.0.2.1:8899");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("reached over plain HTTP").contains("insecure=true").contains("(--hub)");
    }

    @Test
    void shouldNameATokenFileThatCannotBeUsed() {
        Program refused = agent("--hub", "http://127.0.0.1:1", "--token-file", folder.resolve("absent").toString());

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("token-file=" + folder.resolve("absent")).contains("cannot be read");
        assertThat(folder.resolve("data/ring")).doesNotExist();
    }

    @Test
    void shouldHaveNoOptionsOfAHub() {
        assertThat(agent("--hub", "http://127.0.0.1:1", "--port", "1").err()).contains("Unknown options: '--port'");
        assertThat(Program.run("agent", "--help").out()).contains("--hub", "--tls-ca", "--max-rate", "--node");
    }
}
