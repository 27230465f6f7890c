package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes should have an agent, as the API server said last. Immutable.
 *
 * @param daemonSet {@code NAMESPACE/NAME}
 * @param desired how many nodes the DaemonSet is meant for; 0 where it is not known
 * @param reasons by node: why its pod would have brought no agent, a whole sentence
 * @param unplaced how many of the desired nodes have no pod at all, and so no name here
 * @param note what else the DaemonSet says of itself; null: nothing
 * @param readAt when that was read; null: never yet
 * @param problem why it could not be read since; null: it could
 */
record Expectation(
        String daemonSet,
        int desired,
        Map<String, String> reasons,
        int unplaced,
        @Nullable String note,
        @Nullable Instant readAt,
        @Nullable String problem) {
    Expectation {
        reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
    }

    /** Before the first answer. */
    static Expectation unread(String daemonSet) {
        return new Expectation(daemonSet, 0, Map.of(), 0, null, null, null);
    }

    /** The same, as it could not be read now. */
    Expectation stale(String why) {
        return new Expectation(daemonSet, desired, reasons, unplaced, note, readAt, why);
    }

    /** What is added to a reason that is not as of now; empty where it is. */
    String age() {
        return problem == null ? "" : " That is as of " + readAt + "; since then: " + problem;
    }

    /** For the API. */
    JsonObject toJson(int missing) {
        JsonObject json =
                new JsonObject()
                        .put("daemonSet", daemonSet)
                        .put("desired", desired)
                        .put("missing", missing)
                        .put("unplaced", unplaced);
        if (note != null) {
            json.put("note", note);
        }
        if (readAt != null) {
            json.put("readAt", readAt.toString());
        }
        if (problem != null) {
            json.put("problem", problem);
        }
        return json;
    }
}
