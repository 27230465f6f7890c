package io.hindsight.agent.link;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is logged while it is open: the tests' log backend writes to the error stream. */
final class LogLines implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    LogLines() {
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    List<String> with(String words) {
        return bytes.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(words)).toList();
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
