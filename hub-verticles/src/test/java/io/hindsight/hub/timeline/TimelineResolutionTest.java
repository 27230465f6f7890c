package io.hindsight.hub.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimelineResolutionTest {
    private static final Instant START = Instant.parse("2026-11-22T21:00:00Z");

    private static TimeWindow window(Duration length) {
        return TimeWindow.between(START, START.plus(length));
    }

    @ParameterizedTest
    @CsvSource({
        "PT1S, 1, PT0.1S",
        "PT10000S, 1, PT0.1S",
        "PT10001S, 1, PT1S",
        "PT24H, 1, PT1S",
        "PT28H, 1, PT10S",
        "PT5M, 10, PT0.1S",
        "PT5M, 50, PT1S",
        "PT5M, 1000, PT10S",
        "P30D, 3, PT10M",
        "P366D, 1, PT10M",
        "P366D, 1000, P10D",
        "P366D, 10000, P10D"
    })
    void shouldBeTheShortestThatKeepsTheNumberOfBucketsWithinBounds(Duration window, int nodes, Duration expected) {
        assertThat(Duration.ofNanos(TimelineResolution.bucketNs(window(window), nodes))).isEqualTo(expected);
    }

    @Test
    void shouldCountBucketsThatTheWindowTouches() {
        long second = Duration.ofSeconds(1).toNanos();
        assertThat(TimelineResolution.count(window(Duration.ofSeconds(3)), second)).isEqualTo(3);
        assertThat(TimelineResolution.count(TimeWindow.between(START.plusNanos(1), START.plusSeconds(3)), second))
                .isEqualTo(3);
        assertThat(TimelineResolution.count(TimeWindow.between(START, START.plusSeconds(3).plusNanos(1)), second))
                .isEqualTo(4);
        assertThat(TimelineResolution.count(new TimeWindow(-1, 1), second)).isEqualTo(2);
    }

    @Test
    void shouldOfferUsualLengths() {
        long tenSeconds = Duration.ofSeconds(10).toNanos();
        assertThat(TimelineResolution.possible(tenSeconds)).startsWith("10s, 30s, 1m, 2m").endsWith("1d, 10d, 30d");
        assertThat(Duration.ofNanos(TimelineResolution.usualNs(window(Duration.ofMinutes(5)), 100_000_000, 300)))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(TimelineResolution.usualNs(window(Duration.ofMinutes(5)), tenSeconds, 300)))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(Duration.ofNanos(TimelineResolution.usualNs(window(Duration.ofDays(366)), tenSeconds, 3)))
                .isEqualTo(Duration.ofDays(30));
    }
}
