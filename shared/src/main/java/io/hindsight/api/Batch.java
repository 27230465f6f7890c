package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch as the API shows it, while it runs and as long as the Hub remembers it.
 *
 * @param id lower-case letters, digits and dashes, at most 64
 * @param name for people, where one was given
 * @param createdAt when it was asked for
 * @param createdBy who asked
 * @param ended whether every snapshot of it has ended
 * @param states how many of its snapshots are in which {@link SnapshotState}, by its name; states without one are absent
 * @param bytes bytes in the data files of all, so far
 * @param bytesExpected upper bound of those bytes, as far as they are planned
 * @param items one for each request, in their order; none in events
 */
public record Batch(
        String id,
        @Nullable String name,
        Instant createdAt,
        String createdBy,
        boolean ended,
        Map<String, Integer> states,
        long bytes,
        long bytesExpected,
        @Nullable List<Item> items) {
    public Batch {
        states = Map.copyOf(states);
        items = items == null ? List.of() : List.copyOf(items);
    }

    /** Never null. */
    @Override
    public List<Item> items() {
        return items == null ? List.of() : items;
    }

    /** As events have it. */
    public Batch withoutItems() {
        return new Batch(id, name, createdAt, createdBy, ended, states, bytes, bytesExpected, List.of());
    }

    /**
     * What became of one request.
     *
     * @param index in the requests, from 0
     * @param id of its snapshot
     * @param state of its snapshot; absent where it is no longer there
     * @param error why it failed or is partial, or is no longer there
     */
    public record Item(int index, String id, @Nullable SnapshotState state, Snapshot.@Nullable Problem error) {}
}
