package io.hindsight.agent.kubernetes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies chosen members of an object, named by paths such as {@code status.podIPs} or {@code spec.containers.name}; lists are looked through. Immutable. */
final class FieldSelection {
    private final Map<String, FieldSelection> members = new LinkedHashMap<>();

    private FieldSelection() {}

    static FieldSelection of(String... paths) {
        FieldSelection root = new FieldSelection();
        for (String path : paths) {
            FieldSelection at = root;
            for (String member : path.split("\\.", -1)) {
                at = at.members.computeIfAbsent(member, name -> new FieldSelection());
            }
        }
        return root;
    }

    /** Empty members are left out. */
    Map<String, Object> copy(Map<?, ?> object) {
        Map<String, Object> copy = new LinkedHashMap<>();
        members.forEach((name, inside) -> {
            Object value = object.get(name);
            Object chosen = value == null ? null : inside.choose(value);
            if (chosen != null) {
                copy.put(name, chosen);
            }
        });
        return copy;
    }

    private @Nullable Object choose(Object value) {
        if (members.isEmpty()) {
            return value;
        }
        if (value instanceof List<?> list) {
            List<Object> chosen = new ArrayList<>(list.size());
            for (Object element : list) {
                Object inside = choose(element);
                if (inside != null) {
                    chosen.add(inside);
                }
            }
            return chosen.isEmpty() ? null : chosen;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> chosen = copy(map);
            return chosen.isEmpty() ? null : chosen;
        }
        return null;
    }
}
