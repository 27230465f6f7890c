package io.hindsight.agent.os.ebpf;

import java.util.List;

/** What the kernel's verifier wrote about a program. */
final class VerifierLog {
    /** As much of its words goes into a reason. */
    private static final int WORDS_LENGTH = 300;

    /** Lines of figures, which end the log. */
    private static final List<String> FIGURES = List.of("processed ", "verification time", "stack depth");

    private VerifierLog() {}

    /** The last line that says why; empty where there is none. */
    static String lastWords(String log) {
        return log.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && FIGURES.stream().noneMatch(line::startsWith))
                .reduce((earlier, later) -> later)
                .map(line -> line.substring(0, Math.min(line.length(), WORDS_LENGTH)))
                .orElse("");
    }
}
