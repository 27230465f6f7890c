package io.hindsight.hub.export;

import java.util.BitSet;

/**
 * Flows that were met, with three numbers for each. Primitive arrays with open addressing: it grows with the flows up to {@value #MAX_FLOWS}, 64 bytes
 * a slot, 8 MiB in all, and allocates nothing for a flow. When it is full, further flows are not kept; of those it counts as many as it can tell
 * apart. Owned by the export's thread.
 */
final class KnownFlows {
    /** Flows that are kept. */
    static final int MAX_FLOWS = 98_304;

    /** No slot: the flow is not there, or there is no room. */
    static final int NONE = -1;

    private static final int MIN_SLOTS = 1 << 10;
    private static final int MAX_SLOTS = 1 << 17;
    private static final int KEY_LENGTH = 5;

    /** Of flows beyond the bound: their hashes, folded. */
    private static final int BEYOND_BITS = 1 << 20;

    private final int maxFlows;
    private final BitSet beyond = new BitSet();
    private long[] keys = new long[MIN_SLOTS * KEY_LENGTH];
    private long[] validUntilNs = new long[MIN_SLOTS];
    private int[] sequences = new int[MIN_SLOTS];
    private int[] marks = new int[MIN_SLOTS];
    private int size;

    KnownFlows() {
        this(MAX_FLOWS);
    }

    /** @param maxFlows that are kept, at most {@link #MAX_FLOWS} */
    KnownFlows(int maxFlows) {
        this.maxFlows = maxFlows;
    }

    /** The flow's slot, until one is added; or {@link #NONE}. */
    int find(FlowTuple key) {
        int slot = probe(key);
        return isFree(slot) ? NONE : slot;
    }

    /** A slot for a flow that {@link #find} did not find, its numbers 0; {@link #NONE} where there is no room. */
    int add(FlowTuple key) {
        if (size == maxFlows) {
            beyond.set(key.hash() & (BEYOND_BITS - 1));
            return NONE;
        }
        if (4 * (size + 1) > 3 * slots() && slots() < MAX_SLOTS) {
            grow();
        }
        int slot = probe(key);
        int at = slot * KEY_LENGTH;
        keys[at] = key.portsProtocolNode();
        keys[at + 1] = key.lesserLow();
        keys[at + 2] = key.greaterLow();
        keys[at + 3] = key.lesserHigh();
        keys[at + 4] = key.greaterHigh();
        size++;
        return slot;
    }

    private int probe(FlowTuple key) {
        int mask = slots() - 1;
        int slot = key.hash() & mask;
        while (!isFree(slot) && !holds(slot, key)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean isFree(int slot) {
        return keys[slot * KEY_LENGTH] == 0;
    }

    private boolean holds(int slot, FlowTuple key) {
        int at = slot * KEY_LENGTH;
        return keys[at] == key.portsProtocolNode()
                && keys[at + 1] == key.lesserLow()
                && keys[at + 2] == key.greaterLow()
                && keys[at + 3] == key.lesserHigh()
                && keys[at + 4] == key.greaterHigh();
    }

    private int slots() {
        return marks.length;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValid = validUntilNs;
        int[] oldSequences = sequences;
        int[] oldMarks = marks;
        int slots = 2 * slots();
        keys = new long[slots * KEY_LENGTH];
        validUntilNs = new long[slots];
        sequences = new int[slots];
        marks = new int[slots];
        for (int old = 0; old < oldMarks.length; old++) {
            if (oldKeys[old * KEY_LENGTH] != 0) {
                int slot = freeSlot(hash(oldKeys, old * KEY_LENGTH));
                System.arraycopy(oldKeys, old * KEY_LENGTH, keys, slot * KEY_LENGTH, KEY_LENGTH);
                validUntilNs[slot] = oldValid[old];
                sequences[slot] = oldSequences[old];
                marks[slot] = oldMarks[old];
            }
        }
    }

    private static int hash(long[] from, int at) {
        return FlowTuple.hash(from[at + 3], from[at + 1], from[at + 4], from[at + 2], from[at]);
    }

    private int freeSlot(int hash) {
        int slot = hash & (slots() - 1);
        while (!isFree(slot)) {
            slot = (slot + 1) & (slots() - 1);
        }
        return slot;
    }

    /** Until when what is known of the flow holds. */
    long validUntilNs(int slot) {
        return validUntilNs[slot];
    }

    /** The number of the SYN that was last seen of it; 0 at first. */
    int sequence(int slot) {
        return sequences[slot];
    }

    /** What its owner noted; 0 at first. */
    int mark(int slot) {
        return marks[slot];
    }

    void set(int slot, long untilNs, int sequence, int mark) {
        validUntilNs[slot] = untilNs;
        sequences[slot] = sequence;
        marks[slot] = mark;
    }

    /** Flows that found no room; at least so many, because of two with the same hash one is counted. */
    long beyondBound() {
        return beyond.cardinality();
    }
}
