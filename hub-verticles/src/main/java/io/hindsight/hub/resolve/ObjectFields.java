package io.hindsight.hub.resolve;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an object that names resolve by; the rest is not kept. A merge patch cut to these fields does to an object cut to them what the whole
 * one does to the whole, because both are cut by path and lists are never merged. Bounded: a list or an object has at most {@value #MAX_ENTRIES}
 * entries, a text at most {@value #MAX_TEXT_LENGTH} characters; what is beyond that is left out and counted.
 */
final class ObjectFields {
    /** Labels of one object, and entries of any other list or object in it. */
    static final int MAX_ENTRIES = 128;

    /** Characters of one text: Kubernetes itself has no longer names and labels. */
    static final int MAX_TEXT_LENGTH = 512;

    private static final int MAX_DEPTH = 4;

    /** Null: everything below, within the bounds. */
    private static final Map<String, @Nullable Object> SHAPE =
            fields(
                    "metadata",
                    fields(
                            "creationTimestamp", null,
                            "labels", null,
                            "ownerReferences", null),
                    "spec",
                    fields(
                            "hostNetwork", null,
                            "nodeName", null,
                            "clusterIP", null,
                            "clusterIPs", null,
                            "externalIPs", null),
                    "status",
                    fields(
                            "phase", null,
                            "startTime", null,
                            "hostIP", null,
                            "hostIPs", null,
                            "podIP", null,
                            "podIPs", null,
                            "addresses", null,
                            "loadBalancer", null));

    private final Omitted omitted;

    ObjectFields(Omitted omitted) {
        this.omitted = omitted;
    }

    private static Map<String, @Nullable Object> fields(@Nullable Object... namesAndShapes) {
        Map<String, @Nullable Object> fields = new HashMap<>();
        for (int i = 0; i < namesAndShapes.length; i += 2) {
            fields.put(String.valueOf(namesAndShapes[i]), namesAndShapes[i + 1]);
        }
        return fields;
    }

    /** The fields that count, of an object or of a patch. */
    Map<String, Object> cut(Map<?, ?> object) {
        return cut(object, SHAPE);
    }

    private Map<String, Object> cut(Map<?, ?> object, Map<?, ?> shape) {
        Map<String, Object> cut = new LinkedHashMap<>();
        shape.forEach((key, inner) -> {
            String name = String.valueOf(key);
            if (object.containsKey(name)) {
                Object value = object.get(name);
                boolean isObject = inner instanceof Map<?, ?> && value instanceof Map<?, ?>;
                put(cut, name, isObject ? cut((Map<?, ?>) value, (Map<?, ?>) inner) : bounded(value, 0));
            }
        });
        return cut;
    }

    // A patch removes by null.
    @SuppressWarnings("NullAway")
    private static void put(Map<String, Object> target, String name, @Nullable Object value) {
        target.put(name, value);
    }

    private @Nullable Object bounded(@Nullable Object value, int depth) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> object when depth < MAX_DEPTH -> boundedObject(object, depth);
            case List<?> list when depth < MAX_DEPTH -> boundedList(list, depth);
            case String text when text.length() <= MAX_TEXT_LENGTH -> text;
            case Boolean bool -> bool;
            case Number number -> number;
            default -> {
                omitted.add(Omitted.Kind.FIELDS, 1);
                yield null;
            }
        };
    }

    private Map<String, Object> boundedObject(Map<?, ?> object, int depth) {
        Map<String, Object> cut = new LinkedHashMap<>();
        object.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (cut.size() >= MAX_ENTRIES || name.length() > MAX_TEXT_LENGTH) {
                omitted.add(Omitted.Kind.FIELDS, 1);
            } else {
                put(cut, name, bounded(value, depth + 1));
            }
        });
        return cut;
    }

    private List<Object> boundedList(List<?> list, int depth) {
        List<Object> cut = new ArrayList<>();
        for (Object element : list.subList(0, Math.min(list.size(), MAX_ENTRIES))) {
            Object kept = bounded(element, depth + 1);
            if (kept != null) {
                cut.add(kept);
            }
        }
        omitted.add(Omitted.Kind.FIELDS, Math.max(0, list.size() - MAX_ENTRIES));
        return cut;
    }
}
