package io.hindsight.agent.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long MIB = 1 << 20;

    private long nowNs = 12_345;
    private final Queue<Runnable> timers = new ArrayDeque<>();
    private long dueNs;
    private final List<String> sent = new ArrayList<>();

    private RateLimit limit(long bytesPerSecond) {
        return new RateLimit(
                bytesPerSecond,
                () -> nowNs,
                (delayMs, task) -> {
                    dueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(delayMs);
                    timers.add(task);
                });
    }

    /** Lets time pass until the next timer runs. */
    private boolean runTimer() {
        Runnable task = timers.poll();
        if (task != null) {
            nowNs = dueNs;
            task.run();
        }
        return task != null;
    }

    private void passTime(long millis) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void sendForEver(RateLimit.Place place, String name, long bytes) {
        place.take(
                bytes,
                () -> {
                    sent.add(name);
                    sendForEver(place, name, bytes);
                });
    }

    @Test
    void shouldNotHoldBackWithoutACeiling() {
        RateLimit.Place place = limit(0).place();
        for (int chunk = 0; chunk < 100; chunk++) {
            place.take(MIB, () -> sent.add("a"));
        }
        assertThat(sent).hasSize(100);
        assertThat(timers).isEmpty();
    }

    @Test
    void shouldKeepToTheRateWithABurstOfOneChunk() {
        RateLimit limit = limit(MIB);
        passTime(3_600_000); // an idle hour earns nothing
        long startNs = nowNs;
        sendForEver(limit.place(), "a", MIB / 4);
        assertThat(sent).hasSize(1);
        while (nowNs - startNs < TimeUnit.SECONDS.toNanos(60)) {
            assertThat(runTimer()).isTrue();
            double allowed = (nowNs - startNs) / 1e9 * MIB + MIB / 4.0;
            assertThat(sent.size() * (MIB / 4.0)).isLessThanOrEqualTo(allowed);
        }
        assertThat(sent.size()).isBetween(235, 241);
    }

    @Test
    void shouldGiveSessionsTheirTurnsInOrder() {
        RateLimit limit = limit(MIB);
        sendForEver(limit.place(), "a", MIB);
        sendForEver(limit.place(), "b", MIB);
        sendForEver(limit.place(), "c", MIB);
        while (sent.size() < 9) {
            assertThat(runTimer()).isTrue();
        }
        assertThat(sent).containsExactly("a", "a", "b", "c", "a", "b", "c", "a", "b");
    }

    @Test
    void shouldForgetWhoGivesUp() {
        RateLimit limit = limit(MIB);
        RateLimit.Place first = limit.place();
        RateLimit.Place second = limit.place();
        RateLimit.Place third = limit.place();
        first.take(MIB, () -> sent.add("a"));
        second.take(100 * MIB, () -> sent.add("b"));
        third.take(MIB, () -> sent.add("c"));
        second.giveUp();
        second.giveUp();
        assertThat(runTimer()).isTrue();
        assertThat(sent).containsExactly("a", "c");
        assertThat(timers).isEmpty();
        second.take(MIB, () -> sent.add("b"));
        assertThat(runTimer()).isTrue();
        assertThat(sent).containsExactly("a", "c", "b");
    }

    @Test
    void shouldTakeOneClaimOfASessionAtATime() {
        RateLimit.Place place = limit(1).place();
        place.take(10, () -> sent.add("a"));
        place.take(10, () -> sent.add("a"));
        assertThatThrownBy(() -> place.take(10, () -> sent.add("a"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldPassTheRateOnInEveryMix() {
        Random random = new Random(7);
        RateLimit limit = limit(1 << 16);
        long startNs = nowNs;
        long[] bytes = new long[1];
        long largest = 0;
        List<RateLimit.Place> places = new ArrayList<>();
        for (int session = 0; session < 20; session++) {
            long length = random.nextLong(1, MIB);
            largest = Math.max(largest, length);
            RateLimit.Place place = limit.place();
            places.add(place);
            keepSending(place, length, bytes);
        }
        for (int step = 0; step < 10_000; step++) {
            assertThat(runTimer()).isTrue();
            if (random.nextInt(10) == 0) {
                RateLimit.Place gone = places.remove(random.nextInt(places.size()));
                gone.giveUp();
                places.add(gone);
                keepSending(gone, random.nextLong(1, MIB), bytes);
                largest = MIB;
            }
            assertThat((double) bytes[0]).isLessThanOrEqualTo((nowNs - startNs) / 1e9 * (1 << 16) + largest);
        }
    }

    private void keepSending(RateLimit.Place place, long length, long[] bytes) {
        place.take(
                length,
                () -> {
                    bytes[0] += length;
                    keepSending(place, length, bytes);
                });
    }
}
