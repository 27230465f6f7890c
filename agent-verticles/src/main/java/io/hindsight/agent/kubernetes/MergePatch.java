package io.hindsight.agent.kubernetes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON merge patches (RFC 7386) between two states of an object, as maps. A function of its own, not a library's: the libraries work on their own trees of nodes, into which
 * every object would have to be copied, and this is all there is to it. Objects must hold no null members; {@link ObjectReader} leaves them out. Lists are values: one that
 * changed stands in the patch whole.
 */
final class MergePatch {
    private MergePatch() {}

    /** What turns {@code before} into {@code after}; empty where nothing does. A member that went is null in it. */
    static Map<String, @Nullable Object> between(Map<?, ?> before, Map<?, ?> after) {
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
}
