package io.hindsight.hub.snapshot;

import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a request must be, and what it means. Stateless. */
final class RequestRules {
    /** A window may end this far ahead: it is taken while it is being recorded. */
    static final Duration MAX_AHEAD = Duration.ofHours(24);

    private static final List<String> SOURCES = Arrays.stream(ChunkSource.values()).map(ChunkSource::label).toList();

    static final int MAX_NAME_LENGTH = 100;
    static final int MAX_KEY_LENGTH = 200;

    private RequestRules() {}

    /** The window as of now. */
    static TimeWindow window(SnapshotRequest request, Instant now) {
        if (request.last() != null) {
            require(request.from() == null, "from", "Give either last, or from and to.");
            require(request.to() == null, "to", "Give either last, or from and to.");
            return TimeWindow.last(WindowLength.parse(request.last()), now);
        }
        Instant from = request.from();
        if (from == null) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, "last", "Give last, or from and to.");
        }
        Instant to = Objects.requireNonNullElse(request.to(), now);
        requireWindow(
                !to.isAfter(now.plus(MAX_AHEAD)),
                "to",
                "to=" + to + " is more than " + MAX_AHEAD.toHours() + " h after now=" + now);
        requireWindow(from.isBefore(to), "from", "from=" + from + " is not before to=" + to);
        requireWindow(
                Duration.between(from, to).compareTo(WindowLength.MAX) <= 0,
                "from",
                "it is longer than 366d: from=" + from + " to=" + to);
        return TimeWindow.between(from, to);
    }

    /** That of an item of a batch, whose streams are shared: all windows are over. */
    static TimeWindow windowOfBatch(SnapshotRequest request, Instant now) {
        Instant to = Objects.requireNonNullElse(request.to(), now);
        requireWindow(
                !to.isAfter(now.plus(SessionWindow.SOON)),
                "to",
                "to="
                        + to
                        + " is after now="
                        + now
                        + ": a batch takes windows that are over; ask for this one by itself");
        return window(request, now);
    }

    /** The name, or one made of the time. */
    static String name(@Nullable String name, Instant now) {
        if (name == null) {
            return "snapshot-" + SnapshotIds.timePart(now);
        }
        require(
                !name.isBlank()
                        && name.length() <= MAX_NAME_LENGTH
                        && name.codePoints().noneMatch(Character::isISOControl),
                "name",
                "A name has 1 to " + MAX_NAME_LENGTH + " characters, none of them a control character.");
        return name;
    }

    /** The chosen nodes in the order of their names; all known where none is named. */
    static List<NodeId> nodes(@Nullable List<String> names, List<NodeId> known) {
        if (names == null || names.isEmpty()) {
            return known;
        }
        Set<NodeId> reported = Set.copyOf(known);
        for (String name : names) {
            if (!reported.contains(new NodeId(name))) {
                throw HindsightException.ofField(
                        ErrorCode.UNKNOWN_NODE, "nodes", "No agent of the name node=" + name + " has reported here.");
            }
        }
        return new TreeSet<>(names).stream().map(NodeId::new).toList();
    }

    /** The chosen sources in the order of {@link ChunkSource}; null for all. */
    static @Nullable List<String> sources(@Nullable List<String> labels) {
        if (labels == null || labels.isEmpty()) {
            return null;
        }
        for (String label : labels) {
            require(ChunkSource.ofLabel(label).isPresent(), "sources", "A source is one of " + SOURCES + ".");
        }
        return SOURCES.stream().filter(labels::contains).toList();
    }

    /** The key, if it can be one. */
    static @Nullable String idempotencyKey(@Nullable String key) {
        require(
                key == null
                        || (!key.isEmpty()
                                && key.length() <= MAX_KEY_LENGTH
                                && key.chars().allMatch(c -> c > 0x20 && c < 0x7F)),
                "idempotency-key",
                "An idempotency key has 1 to " + MAX_KEY_LENGTH + " printable ASCII characters without spaces.");
        return key;
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, rule);
        }
    }

    private static void requireWindow(boolean holds, String field, String problem) {
        if (!holds) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_WINDOW, field, "The window cannot be taken: " + problem + ".");
        }
    }
}
