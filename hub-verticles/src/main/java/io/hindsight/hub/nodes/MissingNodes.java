package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which nodes should have an agent and have none, why, and since when. At most {@link NodeRegistry#MAX_NODES}. One context. */
final class MissingNodes {
    private final InstantSource clock;
    private final Map<String, Missing> missing = new TreeMap<>();
    private @Nullable Expectation expectation;

    private record Missing(Instant since, String reason) {}

    MissingNodes(InstantSource clock) {
        this.clock = clock;
    }

    void expect(Expectation now) {
        expectation = now;
    }

    /** Every node that should have an agent. */
    Set<String> expected() {
        return expectation == null ? Set.of() : expectation.reasons().keySet();
    }

    /** The node's agent beats. */
    void arrived(String node) {
        missing.remove(node);
    }

    /**
     * Looks which are missing now.
     *
     * @param isThere whether a node's agent is linked and beats
     * @return the nodes of which that, or the reason, is another than before
     */
    List<String> look(Predicate<String> isThere) {
        List<String> changed = new ArrayList<>();
        missing.keySet()
                .removeIf(node -> {
                    boolean over = !expected().contains(node) || isThere.test(node);
                    if (over) {
                        changed.add(node);
                    }
                    return over;
                });
        for (String node : expected()) {
            if (!isThere.test(node)) {
                note(node, changed);
            }
        }
        return changed;
    }

    private void note(String node, List<String> changed) {
        String reason = expectation == null ? "" : String.valueOf(expectation.reasons().get(node));
        Missing before = missing.get(node);
        if (before == null || !before.reason().equals(reason)) {
            missing.put(node, new Missing(before == null ? clock.instant() : before.since(), reason));
            changed.add(node);
        }
    }

    /** Why the node is not there, with its age where it is not as of now; empty where the node is there, or need not be. */
    Optional<String> reason(String node) {
        return Optional.ofNullable(missing.get(node)).map(this::told);
    }

    private String told(Missing why) {
        return expectation == null ? why.reason() : why.reason() + expectation.age();
    }

    /** Adds to what is listed of the node. */
    void describe(String node, JsonObject listed) {
        Missing why = missing.get(node);
        if (why != null) {
            listed.put("missing", true).put("reason", told(why)).put("since", why.since().toString());
        }
    }

    /** A node of which nothing was ever heard, for the API. */
    JsonObject unheard(String node) {
        JsonObject listed = new JsonObject().put("node", node).put("sources", new JsonArray()).put("reachable", false);
        describe(node, listed);
        return listed;
    }

    /** Adds what was expected, where anything was. */
    JsonObject describe(JsonObject list) {
        return expectation == null ? list : list.put("expected", expectation.toJson(missing.size()));
    }
}
