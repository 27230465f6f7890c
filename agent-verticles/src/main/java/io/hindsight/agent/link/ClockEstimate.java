package io.hindsight.agent.link;

import io.hindsight.api.ClockOffset;
import io.hindsight.time.EpochNanos;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How far the Hub's clock is from this node's, from round trips of heartbeats, as NTP estimates it (RFC 5905, section 8).
 *
 * <p>The Hub reads its clock somewhere between sending and receipt. Taken for the middle, it is wrong by at most half the round trip, however
 * unequal the two ways are: <pre>
 *   offset = hub time − (sent + round trip / 2)        error = round trip / 2
 * </pre>
 *
 * <p>The sample with the least error <em>now</em> is the estimate: of the last {@value #MAX_SAMPLES} and no older than
 * {@value #WINDOW_SECONDS} s, each with {@value #DRIFT_PPM} ppm of its age (and of its round trip) added for what the two clocks may have drifted apart meanwhile;
 * NTP assumes 15 ppm for one disciplined clock, and undisciplined crystals stay within 50.
 *
 * <p>Both clocks of this machine are read, because the wall clock can be set: the round trip is measured with the monotonic clock, and by
 * how much the wall clock departed from it within the round trip, and since, is added to the error. More than {@value #STEP_NS} ns is a
 * step: the round trip in which it happened is dropped, and so are all samples from before it.
 *
 * <p>Not thread-safe.
 */
final class ClockEstimate {
    static final int MAX_SAMPLES = 16;
    static final int WINDOW_SECONDS = 60;
    static final int DRIFT_PPM = 100;
    static final long STEP_NS = 1_000_000;
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(WINDOW_SECONDS);
    private static final long PER_MILLION = 1_000_000;

    private final Deque<Sample> samples = new ArrayDeque<>();

    /**
     * One reading of this machine's two clocks.
     *
     * @param wallNs since the epoch
     * @param monotonicNs {@link System#nanoTime()}
     */
    record Reading(long wallNs, long monotonicNs) {
        /** What the wall clock shows beyond the monotonic one: constant unless it is set. */
        long base() {
            return wallNs - monotonicNs;
        }

        long departedSince(Reading earlier) {
            return Math.abs(base() - earlier.base());
        }
    }

    private record Sample(long offsetNs, long errorNs, Reading received) {
        long errorAt(Reading now) {
            long ageNs = Math.max(0, now.monotonicNs() - received.monotonicNs());
            return errorNs + now.departedSince(received) + drift(ageNs);
        }

        boolean isWithinWindow(Reading now) {
            return now.monotonicNs() - received.monotonicNs() <= WINDOW_NS;
        }
    }

    /**
     * Takes a round trip.
     *
     * @param hubTimeNs what the Hub's clock showed in between, since the epoch
     * @return whether it was used: not where the wall clock was set meanwhile, or the Hub's time is before the epoch
     */
    boolean add(Reading sent, long hubTimeNs, Reading received) {
        long roundTripNs = received.monotonicNs() - sent.monotonicNs();
        long departedNs = received.departedSince(sent);
        if (hubTimeNs < 0 || roundTripNs < 0 || departedNs > STEP_NS) {
            return false;
        }
        samples.removeIf(sample -> received.departedSince(sample.received()) > STEP_NS);
        if (samples.size() == MAX_SAMPLES) {
            samples.removeFirst();
        }
        long halfNs = (roundTripNs + 1) / 2;
        long errorNs = halfNs + departedNs + drift(roundTripNs);
        samples.addLast(new Sample(hubTimeNs - (sent.wallNs() + halfNs), errorNs, received));
        return true;
    }

    /** How far the clocks may have drifted apart in a time, rounded up. */
    private static long drift(long timeNs) {
        return (timeNs * DRIFT_PPM + PER_MILLION - 1) / PER_MILLION;
    }

    /** The best that is known now; empty before the first round trip, and when the last is long ago. */
    Optional<ClockOffset> at(Reading now) {
        return samples.stream()
                .filter(sample -> sample.isWithinWindow(now))
                .min((left, right) -> Long.compare(left.errorAt(now), right.errorAt(now)))
                .map(best ->
                        new ClockOffset(
                                best.offsetNs(), best.errorAt(now), EpochNanos.toInstant(best.received().wallNs())));
    }
}
