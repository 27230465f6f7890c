package io.hindsight.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of the custody log to list, the newest first. Filters combine.
 *
 * @param snapshot only those about the snapshot of this id
 * @param action only those of this action
 * @param who only those of this one
 * @param from only those since
 * @param to only those before
 * @param before only those of a lower sequence: the {@code next} of the page before
 * @param limit 1 to 1,000, default 100
 */
public record CustodyQuery(
        @Nullable String snapshot,
        @Nullable String action,
        @Nullable String who,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable Long before,
        @Nullable Integer limit) {}
