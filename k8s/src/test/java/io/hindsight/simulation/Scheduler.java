package io.hindsight.simulation;

import io.hindsight.time.EpochNanos;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Time, and whose turn it is. Everything that happens in a simulation is a task in a {@link TaskLane}; this runs one after the other, on the caller's thread, in an order
 * that the seed decides. While a lane has something to do, time stands still; then it leaps to the next timer. So a schedule of minutes takes milliseconds, and the same seed
 * gives the same run.
 */
final class Scheduler {
    private static final long START_NS = EpochNanos.of(Instant.parse("2026-03-01T00:00:00Z"));
    private static final int REMEMBERED_EVENTS = 60;

    /** So many tasks without an end are a loop. */
    private static final long MAX_STEPS = 2_000_000;

    private final RandomGenerator random;
    private final List<TaskLane> ready = new ArrayList<>();
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private final PriorityQueue<Timed> later = new PriorityQueue<>();
    private final Deque<String> events = new ArrayDeque<>();
    private final Clock clock = new SimulatedClock();
    private final Ticker ticker = new SimulatedTicker();
    private @Nullable TaskLane running;
    private double stallChance;
    private long elapsedNs;
    private long timedCount;
    private long steps;
    private long trace = 1;
    private int laneCount;

    /** Something at a time; what was put first comes first. */
    private record Timed(long atNs, long number, Runnable task) implements Comparable<Timed> {
        @Override
        public int compareTo(Timed other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime == 0 ? Long.compare(number, other.number) : byTime;
        }
    }

    Scheduler(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** How often a lane that gets something to do is held up for a while, as a thread that has no processor or waits for a disk. */
    void stallChance(double chance) {
        stallChance = chance;
    }

    /** By {@link System#nanoTime}'s rules. */
    long nanoTime() {
        return elapsedNs;
    }

    /** Since the epoch. */
    long nowNs() {
        return START_NS + elapsedNs;
    }

    Clock clock() {
        return clock;
    }

    Ticker ticker() {
        return ticker;
    }

    TaskLane lane(String name, int width) {
        return new TaskLane(this, name, width, ++laneCount);
    }

    void add(SimulatedLoop loop) {
        loops.add(loop);
    }

    void remove(SimulatedLoop loop) {
        loops.remove(loop);
    }

    boolean isRunning(TaskLane lane) {
        return running == lane;
    }

    /** A lane has something to do, and had nothing before. */
    void becameReady(TaskLane lane) {
        if (stallChance > 0 && random.nextDouble() < stallChance) {
            after(Duration.ofMillis(random.nextInt(1, random.nextInt(8) == 0 ? 3_000 : 60)), () -> resume(lane));
        } else {
            ready.add(lane);
        }
    }

    private void resume(TaskLane lane) {
        if (lane.hasTasks()) {
            ready.add(lane);
        }
    }

    /** In no lane: between the tasks. */
    void after(Duration delay, Runnable task) {
        later.add(new Timed(elapsedNs + delay.toNanos(), timedCount++, task));
    }

    /** Runs until the condition holds or so much time has passed; whether it holds. */
    boolean run(Duration atMost, Condition done) {
        long endNs = elapsedNs + atMost.toNanos();
        while (!done.holds()) {
            if (ready.isEmpty() && !advance(endNs)) {
                return done.holds();
            }
            step();
        }
        return true;
    }

    /** Looked at between tasks. */
    interface Condition {
        boolean holds();
    }

    private void step() {
        if (ready.isEmpty()) {
            return;
        }
        if (++steps > MAX_STEPS) {
            throw new InvariantBroken("progress", "The schedule does not come to an end: " + steps + " tasks.");
        }
        int index = random.nextInt(ready.size());
        TaskLane lane = ready.get(index);
        Runnable task = lane.take(random);
        if (!lane.hasTasks()) {
            ready.set(index, ready.getLast());
            ready.removeLast();
        }
        trace = trace * 1_000_003 + lane.number();
        running = lane;
        try {
            task.run();
        } finally {
            running = null;
        }
    }

    /** Leaps to the next timer; false where that would be later than the end. */
    private boolean advance(long endNs) {
        long next = later.isEmpty() ? Long.MAX_VALUE : later.element().atNs;
        for (SimulatedLoop loop : loops) {
            next = Math.min(next, loop.nextTimerNs());
        }
        if (next > endNs) {
            elapsedNs = Math.max(elapsedNs, endNs);
            return false;
        }
        elapsedNs = Math.max(elapsedNs, next);
        trace = trace * 1_000_003 + elapsedNs;
        while (!later.isEmpty() && later.element().atNs <= elapsedNs) {
            later.remove().task.run();
        }
        for (SimulatedLoop loop : List.copyOf(loops)) {
            loop.wake();
        }
        return true;
    }

    /** The lanes of a process that is gone. */
    void forget(TaskLane lane) {
        ready.removeIf(each -> each == lane);
    }

    /** Notes what happens. */
    void event(String what) {
        trace = trace * 1_000_003 + what.hashCode();
        if (events.size() >= REMEMBERED_EVENTS) {
            events.remove();
        }
        events.add("%8.3f s  %s".formatted(elapsedNs / 1e9, what));
    }

    /** The last that happened, oldest first. */
    List<String> events() {
        return List.copyOf(events);
    }

    /** Of everything that happened, in its order. */
    long trace() {
        return trace;
    }

    private final class SimulatedClock extends Clock {
        @Override
        public Instant instant() {
            return EpochNanos.toInstant(nowNs());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private final class SimulatedTicker implements Ticker {
        @Override
        public long initialNanoTime() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return elapsedNs;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException("Nobody sleeps in a simulation.");
        }
    }
}
