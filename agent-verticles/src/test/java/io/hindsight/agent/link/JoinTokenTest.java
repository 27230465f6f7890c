package io.hindsight.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinTokenTest {
    private static final NodeId NODE = new NodeId("node-1");

    @TempDir private Path folder = Path.of(".");

    private Path file(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("tokens"), text.replace('|', '\n'));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @CsvSource({
        "aaaaaaaaaaaaaaaa, aaaaaaaaaaaaaaaa",
        "'# comment||  aaaaaaaaaaaaaaaa  |', aaaaaaaaaaaaaaaa",
        "ops:oooooooooooooooo|aaaaaaaaaaaaaaaa, aaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaa|agent:bbbbbbbbbbbbbbbb, bbbbbbbbbbbbbbbb",
        "agent:bbbbbbbbbbbbbbbb|agent@node-1:cccccccccccccccc|agent@node-2:dddddddddddddddd, cccccccccccccccc",
        "agent:bbbbbbbbbbbbbbbb|agent:eeeeeeeeeeeeeeee, bbbbbbbbbbbbbbbb",
        "vera:viewer:vvvvvvvvvvvvvvvv|otto:admin:oooooooooooooooo|agent:bbbbbbbbbbbbbbbb, bbbbbbbbbbbbbbbb",
        "vera:viewer:vvvvvvvvvvvvvvvv|aaaaaaaaaaaaaaaa, aaaaaaaaaaaaaaaa",
        "agent@node-2:dddddddddddddddd|agent:bbbbbbbbbbbbbbbb, bbbbbbbbbbbbbbbb"
    })
    void shouldTakeTheEntryThatIsMostOfThisNode(String text, String token) throws IOException {
        assertThat(JoinToken.load(file(text), NODE)).isEqualTo(token);
    }

    @ParameterizedTest
    @CsvSource({
        "'', neither an entry agent@node-1:TOKEN nor agent:TOKEN",
        "# nothing, neither an entry",
        "ops:oooooooooooooooo, neither an entry",
        "ops:admin:oooooooooooooooo, neither an entry",
        "agent:admin:oooooooooooooooo, line=1 holds a token of 22 characters",
        "agent@node-2:dddddddddddddddd, neither an entry",
        "aaaaaaaaaaaaaaaa|ffffffffffffffff, nor exactly one token without a name",
        "#|agent:short-token, line=2 holds a token of 11 characters",
        "agent:with spaces in it all, line=1 holds a token of 21 characters",
        "agent:with-ümlaut-in-itself, line=1 holds a token of 21 characters"
    })
    void shouldNameTheFileAndWhatIsMissingAndNeverAToken(String text, String problem) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> JoinToken.load(file, NODE))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                            assertThat(failure)
                                    .hasMessageContaining("token-file=" + file)
                                    .hasMessageContaining(problem);
                            assertThat(failure.getMessage())
                                    .doesNotContain("oooooooo", "dddddddd", "aaaaaaaa", "short-token", "with spaces");
                        });
    }

    @Test
    void shouldRefuseAFileThatHasNoEnd() {
        assertThatThrownBy(() -> JoinToken.load(Path.of("/dev/zero"), NODE)).hasMessageContaining("more than 1048576");
    }

    @Test
    void shouldSayThatTheFileCannotBeRead() {
        assertThatThrownBy(() -> JoinToken.load(folder.resolve("absent"), NODE))
                .hasMessageContaining("cannot be read")
                .hasMessageContaining("absent");
    }

    @Test
    void shouldWarnOfAFileThatEverybodyCanRead() throws IOException {
        Path file = file("agent:bbbbbbbbbbbbbbbb");
        try (LogLines log = new LogLines()) {
            JoinToken.warnIfReadableByOthers(file);
            assertThat(log.with("chmod 600")).isEmpty();

            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            JoinToken.warnIfReadableByOthers(file);
            assertThat(log.with("chmod 600")).singleElement().asString().doesNotContain("bbbbbbbb");
        }
    }
}
