package io.hindsight.agent.kubernetes;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which object, and from when: in order of kind, namespace, name, uid and time.
 *
 * @param kind of the object
 * @param namespace empty where it belongs to none
 * @param name of the object
 * @param uid of the object
 * @param fromNs since the epoch
 */
record StateKey(ResourceKind kind, String namespace, String name, String uid, long fromNs)
        implements Comparable<StateKey> {
    private static final Comparator<StateKey> ORDER =
            Comparator.comparing(StateKey::kind)
                    .thenComparing(StateKey::namespace)
                    .thenComparing(StateKey::name)
                    .thenComparing(StateKey::uid)
                    .thenComparingLong(StateKey::fromNs);

    private static final int PARTS = 5;

    @Override
    public int compareTo(StateKey other) {
        return ORDER.compare(this, other);
    }

    /** As text, for the Hub, which asks with it for what comes after. */
    String toText() {
        return String.join("/", kind.name(), namespace, name, uid, Long.toString(fromNs));
    }

    /** What {@link #toText} wrote; null where it is not that. */
    static @Nullable StateKey parse(String text) {
        String[] parts = text.split("/", PARTS);
        if (parts.length != PARTS) {
            return null;
        }
        try {
            return new StateKey(ResourceKind.valueOf(parts[0]), parts[1], parts[2], parts[3], Long.parseLong(parts[4]));
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}
