package io.hindsight.hub.lane;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One-time tokens for lanes: each opens one lane, once, within {@link #LIFETIME}. 256 random bits, so that they cannot be guessed. Thread-safe:
 * sessions issue on their context, the HTTP side redeems on its own.
 */
public final class LaneTokens {
    /** From the order to the agent's connection. */
    public static final Duration LIFETIME = Duration.ofSeconds(30);

    private static final int TOKEN_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Issued> issued = new HashMap<>();

    private record Issued(LaneOrder order, long issuedNs) {
        boolean isOver(long nowNs) {
            return nowNs - issuedNs > LIFETIME.toNanos();
        }
    }

    /** A new token for this order. */
    public synchronized String issue(LaneOrder order) {
        removeOver();
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        issued.put(token, new Issued(order, System.nanoTime()));
        return token;
    }

    /** The order behind a token, which is thereby used up; empty where there is none, or it was used before, or its time is over. */
    public synchronized Optional<LaneOrder> redeem(String token) {
        removeOver();
        return Optional.ofNullable(issued.remove(token)).map(Issued::order);
    }

    /** Takes a token back that was not used. */
    public synchronized void revoke(String token) {
        issued.remove(token);
    }

    private void removeOver() {
        long nowNs = System.nanoTime();
        List<String> over = new ArrayList<>();
        issued.forEach((token, issue) -> {
            if (issue.isOver(nowNs)) {
                over.add(token);
            }
        });
        over.forEach(issued::remove);
    }
}
