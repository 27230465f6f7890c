package io.hindsight.agent.kubernetes;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object as the API server told of it, less what is never kept ({@link ObjectReader}). Not to be changed.
 *
 * @param kind which
 * @param json all of it, with {@code apiVersion} and {@code kind} first; no member is null
 * @param managed the newest time in its managed fields, which are gone from {@code json}
 */
record KubernetesObject(ResourceKind kind, Map<String, Object> json, @Nullable Instant managed) {
    String name() {
        return text(metadata(), "name");
    }

    /** Empty where the object belongs to none. */
    String namespace() {
        return text(metadata(), "namespace");
    }

    String uid() {
        return text(metadata(), "uid");
    }

    String resourceVersion() {
        return text(metadata(), "resourceVersion");
    }

    Map<String, Object> metadata() {
        return map(json, "metadata");
    }

    /** A member that is text; empty where there is none. */
    static String text(Map<String, Object> json, String member) {
        return json.get(member) instanceof String text ? text : "";
    }

    /** A member that is an object; empty where there is none. */
    @SuppressWarnings("unchecked") // JSON's objects have text as keys
    static Map<String, Object> map(Map<String, Object> json, String member) {
        return json.get(member) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    /** When what it shows happened, by the API server's clock, as far as it tells. */
    @Nullable Instant serverTime() {
        return ServerTimes.of(this);
    }
}
