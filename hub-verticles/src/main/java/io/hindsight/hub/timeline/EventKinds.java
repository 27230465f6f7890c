package io.hindsight.hub.timeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for the kinds of a snapshot's events: so many as there is room for, and one for all others. One thread at a time. */
final class EventKinds {
    /** Kinds that are told apart: what reasons there are is up to whoever writes Kubernetes events. */
    static final int MAX_KINDS = 64;

    /** All kinds beyond the bound. */
    static final String OTHERS = "others";

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();

    /** The kind's number, from 0. */
    int number(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        return names.size() < MAX_KINDS - 1 || name.equals(OTHERS) ? add(name) : number(OTHERS);
    }

    private int add(String name) {
        int number = names.size();
        numbers.put(name, number);
        names.add(name);
        return number;
    }

    /** Names, by number. */
    List<String> names() {
        return List.copyOf(names);
    }
}
