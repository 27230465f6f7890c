package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.os.EbpfLimits.Rate;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.testing.Root;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many short processes at once: what the programs saw, and what was handed over or counted as lost, is the same number, exactly. The programs are taken out before
 * it is compared, because a machine never rests.
 */
class EbpfBurstIT {
    /** Forks of a burst; 100,000 in the long form of the tests. */
    private static final int FORKS = Integer.getInteger("hindsight.forks", 10_000);

    private static final int FEW_FORKS = 2_000;
    private static final int RING_BYTES = 4 << 20;
    private static final Rate NO_LIMIT = new Rate(1_000_000_000L, 1_000_000_000L);

    @BeforeEach
    void requireRoot() {
        Root.require("programs in the kernel");
    }

    @Test
    void shouldHandOverEveryEventOfABurst() throws IOException, InterruptedException {
        try (EbpfFeed feed = EbpfFeed.open(EbpfFeed.shippedObject(), EbpfLimits.of(RING_BYTES, NO_LIMIT))) {
            AtomicLong delivered = new AtomicLong();
            AtomicLong forks = new AtomicLong();
            AtomicLong exits = new AtomicLong();
            Process burst = burst(FORKS);
            while (burst.isAlive()) {
                poll(feed, delivered, forks, exits, burst.pid());
            }
            feed.detach();
            while (poll(feed, delivered, forks, exits, burst.pid()) > 0) {}
            assertThat(forks).hasValue(FORKS);
            assertThat(exits).hasValue(FORKS);
            assertThat(feed.takeLost(DropCause.RATE_LIMIT)).isZero();
            // Of the sockets of other programs the kernel may have missed one: a run beneath an interrupt of the same.
            assertThat(feed.produced()).isEqualTo(delivered.get() + feed.takeLost(DropCause.KERNEL));
        }
    }

    @Test
    void shouldCountEveryEventThatAFullBufferLoses() throws IOException, InterruptedException {
        shouldAccountForEverything(EbpfLimits.of(4_096, NO_LIMIT), DropCause.KERNEL, false);
    }

    /** A buffer of one page is written over hundreds of times. */
    @Test
    void shouldReadATinyBufferWhileItRunsOver() throws IOException, InterruptedException {
        shouldAccountForEverything(EbpfLimits.of(4_096, NO_LIMIT), DropCause.KERNEL, true);
    }

    @Test
    void shouldCountEveryEventBeyondTheRate() throws IOException, InterruptedException {
        shouldAccountForEverything(EbpfLimits.of(RING_BYTES, new Rate(100, 50)), DropCause.RATE_LIMIT, true);
    }

    private static void shouldAccountForEverything(EbpfLimits limits, DropCause cause, boolean reading)
            throws IOException, InterruptedException {
        try (EbpfFeed feed = EbpfFeed.open(EbpfFeed.shippedObject(), limits)) {
            AtomicLong delivered = new AtomicLong();
            long lost = 0;
            long start = System.nanoTime();
            Process burst = burst(FEW_FORKS);
            while (reading && burst.isAlive()) {
                feed.poll(event -> delivered.incrementAndGet(), 1);
                lost += feed.takeLost(cause);
            }
            burst.waitFor();
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + 1;
            feed.detach();
            while (feed.poll(event -> delivered.incrementAndGet(), 0) > 0) {}
            lost += feed.takeLost(cause);
            long lostOtherwise = feed.takeLost(cause == DropCause.KERNEL ? DropCause.RATE_LIMIT : DropCause.KERNEL);
            assertThat(feed.produced())
                    .isEqualTo(delivered.get() + lost + lostOtherwise)
                    .isGreaterThanOrEqualTo(2 * FEW_FORKS);
            assertThat(delivered.get()).isPositive();
            if (cause == DropCause.RATE_LIMIT) {
                long kinds = EbpfStateDescriptor.KINDS.size();
                assertThat(delivered.get())
                        .isLessThanOrEqualTo(kinds * (50 + 100 * seconds + Runtime.getRuntime().availableProcessors()));
            }
            if (!reading || cause == DropCause.RATE_LIMIT) {
                assertThat(lost).isPositive();
            }
        }
    }

    private static int poll(EbpfFeed feed, AtomicLong delivered, AtomicLong forks, AtomicLong exits, long parent) {
        return feed.poll(
                event -> {
                    delivered.incrementAndGet();
                    if (event.process() != null && event.process().parentPid() == parent) {
                        (event.kind() == Kind.FORK ? forks : exits)
                                .addAndGet(event.kind() == Kind.FORK || event.kind() == Kind.EXIT ? 1 : 0);
                    }
                },
                10);
    }

    private static Process burst(int forks) throws IOException {
        return new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt " + forks + " ]; do (:); i=$((i+1)); done").start();
    }
}
