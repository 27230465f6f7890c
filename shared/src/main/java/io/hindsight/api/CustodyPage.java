package io.hindsight.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Part of the custody log, the newest line first.
 *
 * @param entries this page; it may hold fewer than the limit, or none, and not be the last
 * @param next where the next page begins ({@link CustodyQuery#before()}); absent at the end
 * @param unreadable lines that were passed over because they are not what the log writes
 * @param sequence of the newest line of the log; 0 where there is none
 * @param digest of that line: whoever keeps both elsewhere can prove the log up to there
 */
public record CustodyPage(
        List<CustodyEntry> entries, @Nullable Long next, int unreadable, long sequence, String digest) {
    public CustodyPage {
        entries = List.copyOf(entries);
    }
}
