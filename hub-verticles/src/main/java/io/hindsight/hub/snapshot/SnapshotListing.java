package io.hindsight.hub.snapshot;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Searches, filters, sorts and pages. Stateless. */
final class SnapshotListing {
    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    private static final String DEFAULT_SORT = "-createdAt";
    private static final Map<String, Comparator<Snapshot>> ORDERS =
            Map.of(
                    "createdAt", Comparator.comparing(Snapshot::createdAt),
                    "name", Comparator.comparing(Snapshot::name),
                    "bytes", Comparator.comparingLong(Snapshot::bytes),
                    "from", Comparator.comparing(Snapshot::from),
                    "to", Comparator.comparing(Snapshot::to));

    private SnapshotListing() {}

    static SnapshotPage page(Stream<Snapshot> snapshots, SnapshotQuery query) {
        int limit = Objects.requireNonNullElse(query.limit(), DEFAULT_LIMIT);
        int offset = Objects.requireNonNullElse(query.offset(), 0);
        require(limit >= 1 && limit <= MAX_LIMIT, "limit", "The limit is 1 to " + MAX_LIMIT + ", got " + limit + ".");
        require(offset >= 0, "offset", "The offset is at least 0, got " + offset + ".");
        List<Snapshot> matching =
                snapshots
                        .filter(snapshot -> matches(snapshot, query))
                        .sorted(order(Objects.requireNonNullElse(query.sort(), DEFAULT_SORT)))
                        .toList();
        List<Snapshot> page = matching.stream().skip(offset).limit(limit).toList();
        return new SnapshotPage(page, matching.size(), limit, offset);
    }

    private static boolean matches(Snapshot snapshot, SnapshotQuery query) {
        String search = Objects.requireNonNullElse(query.search(), "").toLowerCase(Locale.ROOT);
        boolean found = snapshot.name().toLowerCase(Locale.ROOT).contains(search) || snapshot.id().contains(search);
        boolean inState =
                query.states() == null || query.states().isEmpty() || query.states().contains(snapshot.state());
        boolean ofNode =
                query.node() == null || snapshot.nodes().stream().anyMatch(node -> node.node().equals(query.node()));
        boolean inBatch = query.batch() == null || query.batch().equals(snapshot.batch());
        return found && inState && ofNode && inBatch;
    }

    /** Snapshots that are equal in the field come newest first, so that pages do not overlap. */
    private static Comparator<Snapshot> order(String sort) {
        boolean descending = sort.startsWith("-");
        Comparator<Snapshot> order = ORDERS.get(descending ? sort.substring(1) : sort);
        if (order == null) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "sort",
                    "Sort by createdAt, name, bytes, from or to, with a leading - for descending.");
        }
        return (descending ? order.reversed() : order).thenComparing(Comparator.comparing(Snapshot::id).reversed());
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, rule);
        }
    }
}
