package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Finds the snapshot that somebody means by an id, the unique start of one, or a unique name. */
final class SnapshotReference {
    private static final Pattern ID_SYNTAX = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final int SEARCH_LIMIT = 1_000;

    private static final int LENGTH_LIMIT = 100;

    private final HubClient hub;

    SnapshotReference(HubClient hub) {
        this.hub = hub;
    }

    /** The id. An exact id wins over a name, a name over the start of an id. */
    String resolve(String reference) {
        if (reference.isBlank() || reference.length() > LENGTH_LIMIT) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_REQUEST,
                    "An id or name has 1 to " + LENGTH_LIMIT + " characters, got " + reference.length() + ".");
        }
        SnapshotPage page =
                JsonMapping.fromJson(
                        hub.get("/snapshots" + new Query().with("search", reference).with("limit", SEARCH_LIMIT)),
                        SnapshotPage.class);
        List<Predicate<Snapshot>> meanings =
                List.of(
                        snapshot -> snapshot.id().equals(reference),
                        snapshot -> snapshot.name().equals(reference),
                        snapshot -> snapshot.id().startsWith(reference));
        for (Predicate<Snapshot> meaning : meanings) {
            List<Snapshot> meant = page.snapshots().stream().filter(meaning).toList();
            if (!meant.isEmpty()) {
                return unique(reference, meant);
            }
        }
        throw CommandFailure.of(
                ErrorCode.SNAPSHOT_NOT_FOUND,
                "No snapshot has the id or name \""
                        + reference
                        + "\", or an id that starts so. 'hindsight snapshot list' shows what there is.");
    }

    /** As {@link #resolve}, with the reference made safe to stand in a path. */
    String path(String reference) {
        String id = resolve(reference);
        if (!ID_SYNTAX.matcher(id).matches()) {
            throw CommandFailure.of(
                    ErrorCode.INTERNAL, "The Hub named an id that no snapshot can have: \"" + id + "\".");
        }
        return "/snapshots/" + id;
    }

    private static String unique(String reference, List<Snapshot> meant) {
        if (meant.size() > 1) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_REQUEST,
                    "\""
                            + reference
                            + "\" may mean "
                            + meant.size()
                            + " snapshots: "
                            + String.join(", ", meant.stream().map(Snapshot::id).limit(5).toList())
                            + ". Write more of the id.");
        }
        return meant.getFirst().id();
    }
}
