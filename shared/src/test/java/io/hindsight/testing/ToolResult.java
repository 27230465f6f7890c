package io.hindsight.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/**
 * What a program left behind.
 *
 * @param command as it was run
 * @param exit its status
 * @param stdoutBytes as written
 * @param stderr as written
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record ToolResult(List<String> command, int exit, byte[] stdoutBytes, String stderr) {
    /** Standard output as UTF-8. */
    public String stdout() {
        return new String(stdoutBytes, StandardCharsets.UTF_8);
    }

    /** Lines of standard output; none where it is empty. */
    public List<String> lines() {
        return stdout().lines().toList();
    }

    /** This, or a failed assertion with both outputs where the exit status is not 0. */
    public ToolResult succeeded() {
        Assertions.assertEquals(0, exit, () -> command + " failed.\n" + stderr + "\n" + stdout());
        return this;
    }
}
