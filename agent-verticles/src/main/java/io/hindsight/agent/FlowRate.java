package io.hindsight.agent;

import java.util.ArrayDeque;
import java.util.Deque;

/** A counter's rate over the last seconds. Not thread-safe. */
final class FlowRate {
    private static final int MAX_SAMPLES = 6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long timeNs, long value) {}

    /** Takes the counter's value now and returns its rate per second since the oldest sample that is kept. */
    double sample(long nowNs, long value) {
        samples.addLast(new Sample(nowNs, value));
        if (samples.size() > MAX_SAMPLES) {
            samples.removeFirst();
        }
        Sample oldest = samples.getFirst();
        long elapsedNs = nowNs - oldest.timeNs();
        return elapsedNs <= 0 ? 0 : (value - oldest.value()) * NANOS_PER_SECOND / elapsedNs;
    }
}
