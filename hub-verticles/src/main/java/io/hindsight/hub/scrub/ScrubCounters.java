package io.hindsight.hub.scrub;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What was scrubbed since the Hub started. One context. */
final class ScrubCounters {
    /** How a verification in the background ends. */
    enum Outcome {
        INTACT,
        DAMAGED,
        ABANDONED,
        FAILED
    }

    private final Map<Outcome, Long> finished = new EnumMap<>(Outcome.class);
    private long bytes;

    void count(Outcome outcome, long bytesRead) {
        finished.merge(outcome, 1L, Long::sum);
        bytes += bytesRead;
    }

    long bytes() {
        return bytes;
    }

    /** All outcomes, those that never happened too. */
    Map<String, Long> finished() {
        Map<String, Long> byLabel = new HashMap<>();
        for (Outcome outcome : Outcome.values()) {
            byLabel.put(outcome.name().toLowerCase(Locale.ROOT), finished.getOrDefault(outcome, 0L));
        }
        return byLabel;
    }
}
