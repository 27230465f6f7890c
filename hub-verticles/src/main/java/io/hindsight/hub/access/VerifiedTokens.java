package io.hindsight.hub.access;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Tokens that were verified lately, by digest: a client sends the same one again and again, and an ECDSA signature costs 0.4 to 4 ms. Good as long as the keys are the
 * same, and never past the token's end. Thread-safe.
 */
final class VerifiedTokens {
    /** Past it the one unused for longest is verified anew. */
    static final int MAX_TOKENS = 1_000;

    private record Verified(Caller caller, OidcKeys keys, Instant expiry) {}

    /** In the order of use. Guarded by this. */
    private final SequencedMap<String, Verified> entries =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Verified> eldest) {
                    return size() > MAX_TOKENS;
                }
            };

    synchronized Optional<Caller> find(String digest, OidcKeys keys, Instant now) {
        Verified entry = entries.get(digest);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.keys != keys || !now.isBefore(entry.expiry)) {
            entries.remove(digest);
            return Optional.empty();
        }
        return Optional.of(entry.caller);
    }

    synchronized void put(String digest, Caller caller, OidcKeys keys, Instant expiry) {
        entries.put(digest, new Verified(caller, keys, expiry));
    }
}
