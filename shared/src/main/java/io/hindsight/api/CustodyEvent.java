package io.hindsight.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be recorded in the custody log, before it has a place there. Texts that are longer than the log takes are cut when it is written. Immutable.
 *
 * @param action what
 * @param snapshot id of the snapshot that it concerns
 * @param name the snapshot's name
 * @param who the token's name; {@code local}, {@code anonymous}, or the rule that did it
 * @param from address that the request came from
 * @param outcome how it went
 * @param code name of the {@link io.hindsight.error.ErrorCode}, where it was refused or failed
 * @param details what else there is to say, by name
 */
public record CustodyEvent(
        CustodyAction action,
        @Nullable String snapshot,
        @Nullable String name,
        String who,
        @Nullable String from,
        CustodyOutcome outcome,
        @Nullable String code,
        Map<String, String> details) {
    public CustodyEvent {
        details = Map.copyOf(details);
    }
}
