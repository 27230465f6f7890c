package io.hindsight.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.link.ClockEstimate.Reading;
import io.hindsight.api.ClockOffset;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClockEstimateTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final long START_NS = EpochNanos.of(Instant.parse("2026-11-01T12:00:00Z"));

    private final ClockEstimate estimate = new ClockEstimate();

    /** A machine whose monotonic clock began at an odd place. */
    private static Reading at(long sinceStartNs) {
        return new Reading(START_NS + sinceStartNs, -5 + sinceStartNs);
    }

    /** A round trip that begins at a time, with the Hub's clock ahead by an offset. */
    private boolean roundTrip(long sentNs, long thereMs, long backMs, long offsetNs) {
        long hubNs = START_NS + sentNs + thereMs * MS + offsetNs;
        return estimate.add(at(sentNs), hubNs, at(sentNs + (thereMs + backMs) * MS));
    }

    /** 100 ppm. */
    private static long drift(long timeNs) {
        return timeNs / 10_000;
    }

    private ClockOffset now(long sinceStartNs) {
        return estimate.at(at(sinceStartNs)).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        // there, back, true offset, estimated offset, error: all ms
        "2, 2, 0, 0, 2",
        "2, 2, 1000, 1000, 2",
        "2, 2, -1000, -1000, 2",
        "4, 0, 50, 52, 2",
        "0, 4, 50, 48, 2",
        "0, 0, 7, 7, 0",
        "100, 300, 0, -100, 200"
    })
    void shouldTakeTheHubsTimeForTheMiddleOfTheRoundTrip(
            long there, long back, long offset, long estimated, long error) {
        assertThat(roundTrip(0, there, back, offset * MS)).isTrue();

        ClockOffset clock = now((there + back) * MS);

        assertThat(clock.offsetNs()).isEqualTo(estimated * MS);
        assertThat(clock.errorNs()).isEqualTo(error * MS + drift((there + back) * MS));
        assertThat(clock.measuredAt()).isEqualTo(EpochNanos.toInstant(START_NS + (there + back) * MS));
    }

    @Test
    void shouldKnowNothingBeforeTheFirstAnswer() {
        assertThat(estimate.at(at(0))).isEmpty();
    }

    @Test
    void shouldKeepTheShortestRoundTripUntilDriftHasEatenItsLead() {
        roundTrip(0, 1, 1, 0);
        roundTrip(SECOND, 5, 5, 0);

        // 100 ppm of the age beside 1 ms
        assertThat(now(2 * SECOND + 2 * MS).errorNs()).isEqualTo(MS + drift(2 * MS) + drift(2 * SECOND));
        // after 45 s the first is worse than a fresh one of 5 ms
        roundTrip(45 * SECOND, 5, 5, 0);
        assertThat(now(45 * SECOND + 10 * MS).errorNs()).isEqualTo(5 * MS + drift(10 * MS));
    }

    @Test
    void shouldForgetWhatIsOld() {
        roundTrip(0, 1, 1, 0);

        assertThat(estimate.at(at(60 * SECOND))).isPresent();
        assertThat(estimate.at(at(61 * SECOND))).isEmpty();
    }

    @Test
    void shouldKeepABoundedNumberOfRoundTrips() {
        roundTrip(0, 0, 0, 0);
        for (int i = 1; i <= ClockEstimate.MAX_SAMPLES; i++) {
            roundTrip(10L * i * MS, 50, 50, 0);
        }

        assertThat(now(300 * MS).errorNs()).isGreaterThanOrEqualTo(50 * MS);
    }

    @Test
    void shouldDropARoundTripInWhichTheClockWasSet() {
        Reading set = new Reading(START_NS + 4 * MS + 2 * SECOND, -5 + 4 * MS);

        assertThat(estimate.add(at(0), START_NS, set)).isFalse();
        assertThat(estimate.at(set)).isEmpty();
    }

    @Test
    void shouldDropWhatWasMeasuredBeforeTheClockWasSet() {
        roundTrip(0, 0, 0, 0);
        // set back by 2 s, noticed with the next round trip
        Reading sent = new Reading(START_NS - SECOND, -5 + SECOND);
        Reading received = new Reading(START_NS - SECOND + 10 * MS, -5 + SECOND + 10 * MS);

        assertThat(estimate.at(sent).orElseThrow().errorNs()).isGreaterThanOrEqualTo(2 * SECOND);
        assertThat(estimate.add(sent, START_NS + SECOND + 5 * MS, received)).isTrue();
        assertThat(estimate.at(received).orElseThrow().offsetNs()).isEqualTo(2 * SECOND);
        assertThat(estimate.at(received).orElseThrow().errorNs()).isEqualTo(5 * MS + drift(10 * MS));
    }

    @ParameterizedTest
    @CsvSource({"-1", "-9223372036854775808"})
    void shouldNotBelieveATimeBeforeTheEpoch(long hubTimeNs) {
        assertThat(estimate.add(at(0), hubTimeNs, at(MS))).isFalse();
    }

    @Test
    void shouldNotOverflow() {
        assertThat(estimate.add(at(0), Long.MAX_VALUE, at(MS))).isTrue();
        assertThat(now(MS).offsetNs()).isEqualTo(Long.MAX_VALUE - START_NS - MS / 2);
    }

    /** Whatever the two ways take, with a Hub whose clock drifts and a wall clock that is nudged: the true offset lies within the error. */
    @Property(tries = 500)
    void shouldHaveTheTrueOffsetWithinItsError(
            @ForAll @Size(min = 1, max = 40) List<@LongRange(min = 0, max = 400_000_000) Long> delaysNs,
            @ForAll @LongRange(min = -100_000_000_000L, max = 100_000_000_000L) long offsetNs,
            @ForAll @IntRange(min = -100, max = 100) int driftPpm,
            @ForAll @LongRange(min = -400_000, max = 400_000) long nudgeNs) {
        ClockEstimate any = new ClockEstimate();
        long trueNs = 0;
        long nudgedNs = 0;
        for (int i = 0; i < delaysNs.size(); i++) {
            long thereNs = delaysNs.get(i);
            long backNs = delaysNs.get((i * 7 + 3) % delaysNs.size());
            Reading sent = reading(trueNs, nudgedNs);
            long hubNs = hub(trueNs + thereNs, offsetNs, driftPpm);
            trueNs += thereNs + backNs;
            any.add(sent, hubNs, reading(trueNs, nudgedNs));
            trueNs += SECOND;
            nudgedNs += i % 3 == 0 ? nudgeNs : 0;

            Reading now = reading(trueNs, nudgedNs);
            ClockOffset clock = any.at(now).orElseThrow();
            long actualNs = hub(trueNs, offsetNs, driftPpm) - now.wallNs();
            assertThat(Math.abs(clock.offsetNs() - actualNs)).isLessThanOrEqualTo(clock.errorNs() + 2);
        }
    }

    private static Reading reading(long trueNs, long nudgedNs) {
        return new Reading(START_NS + trueNs + nudgedNs, -5 + trueNs);
    }

    private static long hub(long trueNs, long offsetNs, int driftPpm) {
        return START_NS + trueNs + offsetNs + trueNs * driftPpm / 1_000_000;
    }
}
