package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks for: {@code last}, or {@code from} and {@code to}.
 *
 * @param name for people, 1 to 100 characters without control characters; default: {@code snapshot-<UTC time>}
 * @param last length of the window that ends now, as ISO 8601 ({@code PT5M}) or short ({@code 5m}, {@code 1h30m}, {@code 12h}, {@code 2d})
 * @param from first instant
 * @param to first instant after
 * @param nodes node names; absent or empty: all
 * @param requireAll whether the snapshot fails where a node fails, instead of being sealed as PARTIAL; absent: no
 * @param lockUntil first instant at which the sealed snapshot may be deleted; absent: at any time
 * @param sources {@link io.hindsight.chunk.ChunkSource} labels ({@code packets}, {@code kubernetes}, {@code os}): only these; absent or empty: all
 */
public record SnapshotRequest(
        @Nullable String name,
        @Nullable String last,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable List<String> nodes,
        @Nullable Boolean requireAll,
        @Nullable Instant lockUntil,
        @Nullable List<String> sources) {
    /** One of all sources. */
    public SnapshotRequest(
            @Nullable String name,
            @Nullable String last,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable List<String> nodes,
            @Nullable Boolean requireAll,
            @Nullable Instant lockUntil) {
        this(name, last, from, to, nodes, requireAll, lockUntil, null);
    }

    /** One that may be deleted at any time. */
    public SnapshotRequest(
            @Nullable String name,
            @Nullable String last,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable List<String> nodes,
            @Nullable Boolean requireAll) {
        this(name, last, from, to, nodes, requireAll, null);
    }

    /** One that is sealed with what there is. */
    public SnapshotRequest(
            @Nullable String name,
            @Nullable String last,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable List<String> nodes) {
        this(name, last, from, to, nodes, null);
    }
}
