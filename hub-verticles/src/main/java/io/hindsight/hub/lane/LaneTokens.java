package io.hindsight.hub.lane;

import io.hindsight.chunk.ChunkHeaderCodec;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One-time tokens for lanes: each opens one lane, once, within {@link #LIFETIME}. 256 random bits, so that they cannot be guessed. What was issued is
 * remembered for twice that time, and as long as its lane is open, so that a refusal can say why. Thread-safe: sessions issue on their context, the
 * HTTP side redeems on its own.
 *
 * <p>With them goes what else the two have in common: the room for chunks that arrive, whichever way, and the count of those that need no lane.
 */
public final class LaneTokens {
    /** From the order to the agent's connection. */
    public static final Duration LIFETIME = Duration.ofSeconds(30);

    private static final int TOKEN_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoTime;
    private final LaneMemory memory;
    private final PieceCounts pieces = new PieceCounts();
    private final Map<String, Issued> issued = new HashMap<>();

    /** Guarded by the tokens' lock. */
    private static final class Issued {
        final LaneOrder order;
        final long issuedNs;
        boolean used;
        boolean revoked;
        @Nullable Runnable closeLane;

        Issued(LaneOrder order, long issuedNs) {
            this.order = order;
            this.issuedNs = issuedNs;
        }

        boolean isOlderThan(Duration age, long nowNs) {
            return nowNs - issuedNs > age.toNanos();
        }
    }

    /** Of the machine's clock, with room for the largest chunk there can be. */
    public LaneTokens() {
        this(System::nanoTime);
    }

    /** Of the machine's clock, with this room. */
    public LaneTokens(LaneMemory memory) {
        this(System::nanoTime, memory);
    }

    /** With a clock that a test turns: nanoseconds that never go back. */
    LaneTokens(LongSupplier nanoTime) {
        this(nanoTime, new LaneMemory(ChunkHeaderCodec.MAX_CHUNK_LENGTH));
    }

    /** {@code nanoTime} as {@link System#nanoTime()}. */
    public LaneTokens(LongSupplier nanoTime, LaneMemory memory) {
        this.nanoTime = nanoTime;
        this.memory = memory;
    }

    /** Room for chunks that have arrived and are not written yet. */
    public LaneMemory memory() {
        return memory;
    }

    /** Of chunks that came in pieces. */
    public PieceCounts pieces() {
        return pieces;
    }

    /** A new token for this order. */
    public synchronized String issue(LaneOrder order) {
        forgetOld();
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        issued.put(token, new Issued(order, nanoTime.getAsLong()));
        return token;
    }

    /** The order that {@link #redeem} would give for this token, which stays as it is. */
    synchronized Optional<LaneOrder> orderOf(String token) {
        Issued found = issued.get(token);
        return found == null || found.used || isOver(found) ? Optional.empty() : Optional.of(found.order);
    }

    /** The order behind a token, which is thereby used up; empty where {@link #refusal} has a reason. */
    public synchronized Optional<LaneOrder> redeem(String token) {
        forgetOld();
        Issued found = issued.get(token);
        if (found == null || found.used || isOver(found)) {
            return Optional.empty();
        }
        found.used = true;
        return Optional.of(found.order);
    }

    /** Why a token was not redeemed. */
    synchronized LaneRefusal refusal(String token) {
        Issued found = issued.get(token);
        if (found == null) {
            return LaneRefusal.UNKNOWN_TOKEN;
        }
        return found.used ? LaneRefusal.USED_TOKEN : LaneRefusal.EXPIRED_TOKEN;
    }

    private boolean isOver(Issued found) {
        return found.revoked || found.isOlderThan(LIFETIME, nanoTime.getAsLong());
    }

    /**
     * Takes a token back: unused it opens nothing any more, and the lane that it has opened is closed. A session says so when it needs no more
     * chunks. Idempotent.
     */
    public void revoke(String token) {
        Runnable closeLane = takeBack(token);
        if (closeLane != null) {
            closeLane.run();
        }
    }

    private synchronized @Nullable Runnable takeBack(String token) {
        Issued found = issued.get(token);
        if (found == null) {
            return null;
        }
        found.revoked = true;
        Runnable closeLane = found.closeLane;
        found.closeLane = null;
        return closeLane;
    }

    /**
     * The token's lane is open.
     *
     * @param closeLane closes it; runs at most once, on whichever thread revokes
     * @return whether it may stay: the token was not revoked meanwhile
     */
    synchronized boolean opened(String token, Runnable closeLane) {
        Issued found = issued.get(token);
        if (found == null || found.revoked) {
            return false;
        }
        found.closeLane = closeLane;
        return true;
    }

    /** The token's lane is closed. */
    synchronized void closed(String token) {
        Issued found = issued.get(token);
        if (found != null) {
            found.closeLane = null;
        }
    }

    private void forgetOld() {
        long nowNs = nanoTime.getAsLong();
        issued.values().removeIf(each -> each.closeLane == null && each.isOlderThan(LIFETIME.multipliedBy(2), nowNs));
    }
}
