package io.hindsight.hub.snapshot;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes per second over the last second or so. One thread at a time. */
final class RateMeter {
    private static final long WINDOW_NS = 1_000_000_000L;
    private static final long SAMPLE_INTERVAL_NS = 100_000_000L;

    private record Sample(long timeNs, long bytes) {}

    /** At most a dozen: one for each interval of the window. */
    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Whether a sample at this time would be kept. */
    boolean isDue(long timeNs) {
        return samples.isEmpty() || timeNs - samples.getLast().timeNs() >= SAMPLE_INTERVAL_NS;
    }

    /** Notes how many bytes there are at this time, by {@link System#nanoTime()}. */
    void sample(long timeNs, long bytes) {
        if (isDue(timeNs)) {
            samples.addLast(new Sample(timeNs, bytes));
        }
        while (samples.size() > 2 && timeNs - samples.getFirst().timeNs() > WINDOW_NS) {
            samples.removeFirst();
        }
    }

    /** The rate up to this time, at which there are so many bytes. */
    double bytesPerSecond(long timeNs, long bytes) {
        if (samples.isEmpty() || timeNs <= samples.getFirst().timeNs()) {
            return 0;
        }
        Sample first = samples.getFirst();
        return (bytes - first.bytes()) * 1e9 / (timeNs - first.timeNs());
    }
}
