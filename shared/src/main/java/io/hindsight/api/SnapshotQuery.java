package io.hindsight.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots to list.
 *
 * @param search part of a name or id, any case
 * @param states only these; absent: all
 * @param node only those that hold this node
 * @param sort {@code createdAt}, {@code name}, {@code bytes}, {@code from} or {@code to}, with a leading {@code -} for descending; default {@code -createdAt}
 * @param limit 1 to 1,000, default 100
 * @param offset how many to skip, default 0
 * @param batch only those of this batch
 */
public record SnapshotQuery(
        @Nullable String search,
        @Nullable List<SnapshotState> states,
        @Nullable String node,
        @Nullable String sort,
        @Nullable Integer limit,
        @Nullable Integer offset,
        @Nullable String batch) {
    /** Of any batch and none. */
    public SnapshotQuery(
            @Nullable String search,
            @Nullable List<SnapshotState> states,
            @Nullable String node,
            @Nullable String sort,
            @Nullable Integer limit,
            @Nullable Integer offset) {
        this(search, states, node, sort, limit, offset, null);
    }
}
