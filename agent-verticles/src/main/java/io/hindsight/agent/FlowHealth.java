package io.hindsight.agent;

/**
 * Tells a recorder that is up but writes nothing from one on a quiet network: interfaces count packets, and no record comes.
 *
 * <p>Rule: unhealthy once, for {@value #STALL_SECONDS} s, no record was committed while the interfaces' counters moved between at least
 * {@value #MIN_MOVES} checks. One move alone may be a counter that its driver updates late. Not thread-safe.
 */
final class FlowHealth {
    static final int STALL_SECONDS = 5;
    static final int MIN_MOVES = 3;
    private static final long STALL_NS = STALL_SECONDS * 1_000_000_000L;

    private long lastRecords = -1;
    private long lastSeen;
    private long stalledSinceNs;
    private int moves;

    /** Whether nothing was seen since the last record that was not recorded: what happened until now is in the ring. */
    boolean isCaughtUp() {
        return moves == 0;
    }

    /** Capture begins anew. */
    void reset() {
        lastRecords = -1;
        moves = 0;
    }

    /**
     * One check, about once a second.
     *
     * @param nowNs {@link System#nanoTime()}
     * @param records committed so far, read first
     * @param seen packets that the interfaces have counted so far, read after
     * @return whether data flows as it should
     */
    boolean check(long nowNs, long records, long seen) {
        if (records != lastRecords) {
            lastRecords = records;
            moves = 0;
        } else if (seen > lastSeen && moves++ == 0) {
            stalledSinceNs = nowNs;
        }
        lastSeen = seen;
        return moves < MIN_MOVES || nowNs - stalledSinceNs < STALL_NS;
    }
}
