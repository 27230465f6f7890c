package io.hindsight.hub.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads of a JSON tree that nobody vouches for: what is not of the type asked for is not there. */
final class JsonTree {
    private JsonTree() {}

    static @Nullable Object at(@Nullable Object tree, String... path) {
        Object place = tree;
        for (String name : path) {
            place = place instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return place;
    }

    /** The text there; null where there is none, or an empty one. */
    static @Nullable String text(@Nullable Object tree, String... path) {
        return at(tree, path) instanceof String text && !text.isEmpty() ? text : null;
    }

    static boolean isTrue(@Nullable Object tree, String... path) {
        return Boolean.TRUE.equals(at(tree, path));
    }

    static List<?> list(@Nullable Object tree, String... path) {
        return at(tree, path) instanceof List<?> list ? list : List.of();
    }

    /** The texts of the list there. */
    static List<String> texts(@Nullable Object tree, String... path) {
        List<String> texts = new ArrayList<>();
        for (Object element : list(tree, path)) {
            if (element instanceof String text && !text.isEmpty()) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** What the objects of the list there have under the name. */
    static List<String> textsOf(String name, @Nullable Object tree, String... path) {
        List<String> texts = new ArrayList<>();
        for (Object element : list(tree, path)) {
            String text = text(element, name);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }
}
