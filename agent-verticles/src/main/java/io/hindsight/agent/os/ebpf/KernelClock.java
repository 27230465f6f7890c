package io.hindsight.agent.os.ebpf;

import io.hindsight.agent.capture.linux.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    static final int CLOCK_REALTIME = 0;
    static final int CLOCK_BOOTTIME = 7;

    // struct timespec
    private static final int SECONDS_OFFSET = 0;
    private static final int NANOS_OFFSET = SECONDS_OFFSET + Long.BYTES;
    private static final int TIME_LENGTH = NANOS_OFFSET + Long.BYTES;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Looks for each comparison: an interruption between two of them would make the bounds wide. */
    private static final int LOOKS = 8;

    private final LongSupplier bootTime;
    private final LongSupplier wallTime;

    private long lowNs;
    private long highNs;
    private long comparedAtNs;

    /** Of this machine's clocks, compared. */
    public KernelClock() {
        this(clock(CLOCK_BOOTTIME), clock(CLOCK_REALTIME));
    }

    /** What one of this machine's clocks shows. */
    static LongSupplier clock(int clock) {
        MemorySegment time = Arena.ofAuto().allocate(TIME_LENGTH, Long.BYTES);
        return () -> {
            KernelCalls.require(LibC.clockGettime(clock, time), "clock_gettime(" + clock + ")");
            return time.get(ValueLayout.JAVA_LONG, SECONDS_OFFSET) * NANOS_PER_SECOND
                    + time.get(ValueLayout.JAVA_LONG, NANOS_OFFSET);
        };
    }

    /**
     * Of these clocks, compared.
     *
     * @param bootTime a clock of the kernel that is never set, as programs read it
     * @param wallTime nanoseconds since the epoch
     */
    public KernelClock(LongSupplier bootTime, LongSupplier wallTime) {
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
