package io.hindsight.hub.resolve;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was left out of a resolution because a bound was reached, or could not be used, by kind. One thread at a time. */
final class Omitted {
    /** What. Names in lower case stand in {@code resolution.json}. */
    enum Kind {
        /** States of objects. */
        WORKLOADS,
        /** Intervals in which something had an address. */
        ADDRESSES,
        /** Labels and other fields of objects. */
        FIELDS,
        /** Processes that ran at the same time on one node. */
        PROCESSES,
        /** Intervals in which a process had a socket. */
        SOCKETS,
        /** Records that hold no usable address, name or time. */
        RECORDS;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

    void add(Kind kind, long count) {
        if (count > 0) {
            counts.merge(kind, count, Long::sum);
        }
    }

    /** Counts on from here, apart from this one. */
    Omitted copy() {
        Omitted copy = new Omitted();
        copy.counts.putAll(counts);
        return copy;
    }

    /** Counts that are not zero, by {@link Kind#key}. */
    Map<String, Long> counts() {
        Map<String, Long> named = new TreeMap<>();
        counts.forEach((kind, count) -> named.put(kind.key(), count));
        return named;
    }
}
