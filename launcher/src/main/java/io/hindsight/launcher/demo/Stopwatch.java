package io.hindsight.launcher.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Measures one part after the other. Not thread-safe. */
final class Stopwatch {
    private final SequencedMap<String, Long> durationsMs = new LinkedHashMap<>();

    /** A part of the demo. */
    interface Part<T, E extends Exception> {
        T run() throws E;
    }

    <T, E extends Exception> T measure(String name, Part<T, E> part) throws E {
        long startNs = System.nanoTime();
        T result = part.run();
        add(name, startNs);
        return result;
    }

    /** Notes a part that began at this {@link System#nanoTime} and ends now. */
    void add(String name, long startNs) {
        durationsMs.put(name, Duration.ofNanos(System.nanoTime() - startNs).toMillis());
    }

    /** How long the part took that was measured last. */
    Duration last() {
        return Duration.ofMillis(durationsMs.sequencedValues().getLast());
    }

    Map<String, Long> durationsMs() {
        return durationsMs;
    }
}
