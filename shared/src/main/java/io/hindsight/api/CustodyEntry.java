package io.hindsight.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of the custody log. Action and outcome are text, so that a log of a newer version can be read. Immutable.
 *
 * @param sequence 1, 2, 3, …
 * @param time by the Hub's clock
 * @param action name of a {@link CustodyAction}
 * @param snapshot id of the snapshot that it concerns
 * @param name the snapshot's name
 * @param who who did it
 * @param from address that the request came from
 * @param outcome name of a {@link CustodyOutcome}
 * @param code name of the {@link io.hindsight.error.ErrorCode}, where it was refused or failed
 * @param details what else there is to say, by name
 * @param previous digest of the line before, hex; 64 zeros before the first
 * @param digest SHA-256 of the line's content, hex
 */
public record CustodyEntry(
        long sequence,
        Instant time,
        String action,
        @Nullable String snapshot,
        @Nullable String name,
        String who,
        @Nullable String from,
        String outcome,
        @Nullable String code,
        @Nullable Map<String, String> details,
        String previous,
        String digest) {}
