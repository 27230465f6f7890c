package io.hindsight.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON merge patches (RFC 7386) between two states of an object, as maps: null removes a member, objects merge, everything else replaces. Functions of their own, not a library's:
 * the libraries work on their own trees of nodes, into which every object would have to be copied, and this is all there is to it. Objects hold no null members. Lists are
 * values: one that changed stands in the patch whole. Stateless, thread-safe.
 */
public final class MergePatch {
    private MergePatch() {}

    /** What turns {@code before} into {@code after}; empty where nothing does. A member that went is null in it. */
    public static Map<String, @Nullable Object> between(Map<?, ?> before, Map<?, ?> after) {
        Map<String, @Nullable Object> patch = new LinkedHashMap<>();
        for (Object member : before.keySet()) {
            if (!after.containsKey(member)) {
                patch.put((String) member, null);
            }
        }
        after.forEach((member, value) -> putChange(patch, (String) member, before.get(member), value));
        return patch;
    }

    private static void putChange(
            Map<String, @Nullable Object> patch, String member, @Nullable Object before, Object after) {
        if (before instanceof Map<?, ?> oldObject && after instanceof Map<?, ?> newObject) {
            Map<String, @Nullable Object> inside = between(oldObject, newObject);
            if (!inside.isEmpty()) {
                patch.put(member, inside);
            }
        } else if (!Objects.equals(before, after)) {
            patch.put(member, after);
        }
    }

    /** What the patch makes of the target, which stays as it is. */
    public static Map<String, Object> apply(@Nullable Object target, Map<?, ?> patch) {
        Map<String, Object> merged = new LinkedHashMap<>();
        if (target instanceof Map<?, ?> before) {
            before.forEach((name, value) -> merged.put(String.valueOf(name), value));
        }
        patch.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (value == null) {
                merged.remove(name);
            } else if (value instanceof Map<?, ?> inner) {
                merged.put(name, apply(merged.get(name), inner));
            } else {
                merged.put(name, value);
            }
        });
        return merged;
    }
}
