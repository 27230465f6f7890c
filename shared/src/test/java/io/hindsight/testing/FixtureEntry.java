package io.hindsight.testing;

import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.util.Map;

/**
 * A journal entry for {@link ChunkFixtures}.
 *
 * @param timestampNs nanoseconds since the epoch
 * @param fields further fields, in the map's order
 */
public record FixtureEntry(long timestampNs, Map<String, String> fields) {
    /** An entry with a message alone. */
    public static FixtureEntry of(long timestampNs, String message) {
        return new FixtureEntry(timestampNs, Map.of(JournalExportBlockDescriptor.MESSAGE, message));
    }
}
