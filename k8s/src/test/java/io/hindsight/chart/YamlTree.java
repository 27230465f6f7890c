package io.hindsight.chart;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Steps into YAML as it was read: maps, lists and plain values. What is not there fails the test. */
final class YamlTree {
    private YamlTree() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value, "a map");
    }

    static Map<String, Object> map(Map<String, Object> of, String key) {
        return map(Objects.requireNonNull(of.get(key), key));
    }

    static List<?> list(Map<String, Object> of, String key) {
        return (List<?>) Objects.requireNonNull(of.get(key), key);
    }

    /** {@code Kind name} of an object. */
    static String title(Map<String, Object> object) {
        return object.get("kind") + " " + map(object, "metadata").get("name");
    }
}
