package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a pod as the API server sends it; what is not as it should be is passed over. Immutable. */
record PodJson(JsonObject pod) {
    /** Most entries that are looked at in one list of a pod. */
    private static final int LISTED = 100;

    String name() {
        return ClusterWords.of(object(pod, "metadata"), "name");
    }

    String createdAt() {
        return ClusterWords.of(object(pod, "metadata"), "creationTimestamp");
    }

    /** Empty while nobody ends it. */
    String deletedAt() {
        return ClusterWords.of(object(pod, "metadata"), "deletionTimestamp");
    }

    boolean isOwnedBy(String uid) {
        return objects(object(pod, "metadata"), "ownerReferences").anyMatch(owner -> uid.equals(owner.getValue("uid")));
    }

    /** Where it runs or, while it is not scheduled, where the DaemonSet's controller wants it; null: nowhere in particular. */
    @Nullable String node() {
        JsonObject spec = object(pod, "spec");
        if (isScheduled()) {
            return spec.getString("nodeName");
        }
        return objects(
                        object(
                                object(object(spec, "affinity"), "nodeAffinity"),
                                "requiredDuringSchedulingIgnoredDuringExecution"),
                        "nodeSelectorTerms")
                .flatMap(term -> objects(term, "matchFields"))
                .filter(match -> "metadata.name".equals(match.getValue("key")))
                .flatMap(match -> values(match, "values"))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse(null);
    }

    boolean isScheduled() {
        return object(pod, "spec").getValue("nodeName") instanceof String node && !node.isEmpty();
    }

    JsonObject status() {
        return object(pod, "status");
    }

    Optional<JsonObject> condition(String type) {
        return objects(status(), "conditions").filter(one -> type.equals(one.getValue("type"))).findFirst();
    }

    /** Init containers first: as long as one does not end, no other starts. */
    List<JsonObject> containers() {
        return Stream.concat(objects(status(), "initContainerStatuses"), objects(status(), "containerStatuses"))
                .toList();
    }

    static JsonObject object(JsonObject parent, String field) {
        return parent.getValue(field) instanceof JsonObject child ? child : new JsonObject();
    }

    static Stream<JsonObject> objects(JsonObject parent, String field) {
        return objects(parent, field, LISTED);
    }

    /** At most so many of them. */
    static Stream<JsonObject> objects(JsonObject parent, String field, int limit) {
        return values(parent, field, limit).filter(JsonObject.class::isInstance).map(JsonObject.class::cast);
    }

    static Stream<Object> values(JsonObject parent, String field) {
        return values(parent, field, LISTED);
    }

    private static Stream<Object> values(JsonObject parent, String field, int limit) {
        return parent.getValue(field) instanceof JsonArray list ? list.stream().limit(limit) : Stream.empty();
    }
}
