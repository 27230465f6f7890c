package io.hindsight.hub.snapshot;

import io.hindsight.bus.CreditGrant;
import io.hindsight.chunk.ChunkHeaderCodec;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/** Bytes that an agent may have under way, and when it is told of more. The session's context only. */
final class CreditAccount {
    /** Credit is given back in portions, not for every chunk. */
    private static final int GRANTS_PER_CREDIT = 8;

    private final String snapshotId;
    private final long creditBytes;
    private final LongSupplier nanoClock;
    private long bytesUnderWay;
    private long toGrantBytes;
    private long lastGrantNs;
    private Map<String, Long> durable = Map.of();

    /** {@code nanoClock} as {@link System#nanoTime()}. */
    CreditAccount(String snapshotId, long creditBytes, LongSupplier nanoClock) {
        this.snapshotId = snapshotId;
        this.creditBytes = creditBytes;
        this.nanoClock = nanoClock;
        this.lastGrantNs = nanoClock.getAsLong();
    }

    long creditBytes() {
        return creditBytes;
    }

    /** Whether the agent kept to its credit so far; one chunk may always be under way. */
    boolean isKept() {
        return bytesUnderWay <= creditBytes + ChunkHeaderCodec.MAX_CHUNK_LENGTH;
    }

    /** While most of its credit is used up the agent waits for this Hub's disk, not the Hub for it. */
    boolean isAgentsTurn() {
        return bytesUnderWay < creditBytes / 2;
    }

    void arrived(long bytes) {
        bytesUnderWay += bytes;
    }

    /** Whether it is time for a grant. */
    boolean released(long bytes) {
        bytesUnderWay -= bytes;
        toGrantBytes += bytes;
        return toGrantBytes >= creditBytes / GRANTS_PER_CREDIT || bytesUnderWay == 0;
    }

    void durable(Map<String, Long> sequences) {
        durable = sequences;
    }

    /** Whether nothing was granted for so long that the agent's lease should be renewed. */
    boolean isLeaseDue(Duration lease) {
        return nanoClock.getAsLong() - lastGrantNs > lease.toNanos() / 4;
    }

    /** What is to be told now. */
    CreditGrant grant() {
        CreditGrant grant = new CreditGrant(snapshotId, toGrantBytes, durable);
        toGrantBytes = 0;
        lastGrantNs = nanoClock.getAsLong();
        return grant;
    }
}
