package io.hindsight.agent.os.ebpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * Turns the times of kernel programs into wall-clock time, so that they sort between packets, which the kernel stamps with {@code CLOCK_REALTIME}.
 *
 * <p>Programs can only read {@code CLOCK_BOOTTIME}. Both clocks are driven by one timekeeper, so NTP speeds them up and slows them down
 * together: their distance changes only when the wall clock is <em>set</em>. Looking at boot time, wall clock and boot time again bounds the distance
 * by two numbers, some ten nanoseconds apart. As long as a new pair of bounds overlaps the former, the distance lies in both: the bounds only get
 * narrower, and times do not jitter against each other. When they do not overlap, the clock was set, and the new ones hold. What happened
 * between that and the next look, at most {@link #INTERVAL_NS} later, is told in the clock as it was before or after; a packet has the same trouble.
 *
 * <p>Belongs to one thread.
 */
public final class KernelClock {
    /** The clocks are compared so often, at most. */
    static final long INTERVAL_NS = 1_000_000_000L;

    /** Looks for each comparison: an interruption between two of them would make the bounds wide. */
    private static final int LOOKS = 8;

    private final LongSupplier bootTime;
    private final LongSupplier wallTime;

    private long lowNs;
    private long highNs;
    private long comparedAtNs;

    /** Of this machine's clocks, compared. */
    public KernelClock() {
        MemorySegment buffer = KernelCalls.timeBuffer(Arena.ofAuto());
        this(
                () -> KernelCalls.time(KernelCalls.CLOCK_BOOTTIME, buffer),
                () -> KernelCalls.time(KernelCalls.CLOCK_REALTIME, buffer));
    }

    KernelClock(LongSupplier bootTime, LongSupplier wallTime) {
        this.bootTime = bootTime;
        this.wallTime = wallTime;
        this.lowNs = Long.MIN_VALUE;
        this.highNs = Long.MAX_VALUE;
        compare();
    }

    /** Compares the clocks anew, unless that was done a moment ago. */
    public void refresh() {
        if (bootTime.getAsLong() - comparedAtNs >= INTERVAL_NS) {
            compare();
        }
    }

    /** Nanoseconds since the epoch of a time of {@code CLOCK_BOOTTIME}. */
    public long epochNs(long bootNs) {
        return bootNs + lowNs + (highNs - lowNs) / 2;
    }

    /** How far off the result may be. */
    long errorNs() {
        return (highNs - lowNs + 1) / 2;
    }

    private void compare() {
        long low = Long.MIN_VALUE;
        long high = Long.MAX_VALUE;
        for (int i = 0; i < LOOKS; i++) {
            long before = bootTime.getAsLong();
            long wall = wallTime.getAsLong();
            long after = bootTime.getAsLong();
            low = Math.max(low, wall - after);
            high = Math.min(high, wall - before);
            comparedAtNs = after;
        }
        adopt(Math.min(low, high), Math.max(low, high)); // crossed where the clock was set just now
    }

    private void adopt(long low, long high) {
        boolean overlap = low <= highNs && high >= lowNs;
        lowNs = overlap ? Math.max(low, lowNs) : low;
        highNs = overlap ? Math.min(high, highNs) : high;
    }
}
