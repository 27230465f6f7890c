package io.hindsight.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the verification of snapshots in the background stands.
 *
 * @param bytesRead since the Hub started
 * @param finished verifications since the Hub started, by outcome: {@code intact}, {@code damaged}, {@code abandoned} (deleted or stopped meanwhile),
 *     {@code failed} (could not be made)
 * @param damagedSnapshots whose newest verification found something
 * @param oldestAgeSeconds since the least recently verified snapshot was verified, or sealed; 0 where there is none
 * @param running id of the snapshot that is being read
 */
public record ScrubStatus(
        long bytesRead,
        Map<String, Long> finished,
        int damagedSnapshots,
        double oldestAgeSeconds,
        @Nullable String running) {
    public ScrubStatus {
        finished = Map.copyOf(finished);
    }
}
