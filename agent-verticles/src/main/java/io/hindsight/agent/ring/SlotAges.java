package io.hindsight.agent.ring;

import java.util.Arrays;

/**
 * The slots from the oldest to the newest chunk, as a doubly linked list over slot numbers: while nothing is pinned this is the circle of
 * the ring; a slot that a pin held back returns to its place, first in line, when the pin ends. Allocates nothing after construction. Not
 * thread-safe.
 */
final class SlotAges {
    static final int NONE = -1;

    private final int[] next;
    private final int[] previous;
    private int first = NONE;
    private int last = NONE;

    SlotAges(int slotCount) {
        this.next = new int[slotCount];
        this.previous = new int[slotCount];
        Arrays.fill(next, NONE);
        Arrays.fill(previous, NONE);
    }

    /** The slot becomes the newest. */
    void append(int slot) {
        previous[slot] = last;
        next[slot] = NONE;
        if (last == NONE) {
            first = slot;
        } else {
            next[last] = slot;
        }
        last = slot;
    }

    void remove(int slot) {
        int before = previous[slot];
        int after = next[slot];
        if (before == NONE) {
            first = after;
        } else {
            next[before] = after;
        }
        if (after == NONE) {
            last = before;
        } else {
            previous[after] = before;
        }
    }

    /** The oldest, or {@link #NONE}. */
    int first() {
        return first;
    }

    /** The next younger one, or {@link #NONE}. */
    int next(int slot) {
        return next[slot];
    }
}
