package io.hindsight.hub.snapshot;

import io.hindsight.api.ClockOffset;
import io.hindsight.time.TimeWindow;
import org.jspecify.annotations.Nullable;

/**
 * The window in a node's own time. Records keep the times that the node gave them, so a node whose clock is a minute fast holds the last minute of
 * the window under times that lie after its end: it is asked for the window moved by the offset of its clock, so that all nodes freeze the same stretch of real time.
 *
 * <p>Only clocks that are wrong for certain, by more than {@link #TOLERANCE_NS}, are taken account of: below it an estimate's noise would move the edges of every
 * window, and records of nodes that keep time well would lie outside of what was asked for.
 */
final class NodeTime {
    /** Clocks this close to each other count as one. */
    static final long TOLERANCE_NS = 100_000_000;

    private NodeTime() {}

    /** To be added to the Hub's times to get the node's. */
    static long shiftNs(@Nullable ClockOffset clock) {
        if (clock == null || clock.offsetNs() == Long.MIN_VALUE) {
            return 0;
        }
        boolean isCertain = Math.abs(clock.offsetNs()) - Math.max(0, clock.errorNs()) > TOLERANCE_NS;
        return isCertain ? -clock.offsetNs() : 0;
    }

    /** The window in the node's time; as it is where that would lie outside of all time. */
    static TimeWindow shifted(TimeWindow window, long shiftNs) {
        try {
            return new TimeWindow(Math.addExact(window.fromNs(), shiftNs), Math.addExact(window.toNs(), shiftNs));
        } catch (ArithmeticException beforeOrAfterAllTime) {
            return window;
        }
    }
}
