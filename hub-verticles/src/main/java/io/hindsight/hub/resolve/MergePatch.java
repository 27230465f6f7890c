package io.hindsight.hub.resolve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON merge patches, RFC 7386: null removes, objects merge, everything else replaces. */
final class MergePatch {
    private MergePatch() {}

    /** What the patch makes of the target, which stays as it is. */
    static Map<String, Object> apply(@Nullable Object target, Map<?, ?> patch) {
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
