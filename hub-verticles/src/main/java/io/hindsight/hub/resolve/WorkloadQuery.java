package io.hindsight.hub.resolve;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which workloads or addresses are asked for. Several values of one filter: any of them; several filters: all of them; of {@code labels} all of them too. Immutable.
 */
public final class WorkloadQuery {
    /** Entries of a page. */
    public static final int MAX_PAGE = 1_000;

    /** Values of one filter. */
    static final int MAX_VALUES = 64;

    private static final int DEFAULT_PAGE = 100;

    private final Set<String> namespaces;
    private final Set<String> types;
    private final List<Label> labels;
    private final @Nullable NamePattern name;
    private final TimeWindow window;
    private final int limit;
    private final int offset;

    /** @param value null: any */
    private record Label(String key, @Nullable String value) {
        private boolean isIn(Map<String, String> labels) {
            return value == null ? labels.containsKey(key) : Objects.equals(labels.get(key), value);
        }
    }

    private WorkloadQuery(
            Set<String> namespaces,
            Set<String> types,
            List<Label> labels,
            @Nullable NamePattern name,
            TimeWindow window,
            int limit,
            int offset) {
        this.namespaces = namespaces;
        this.types = types;
        this.labels = labels;
        this.name = name;
        this.window = window;
        this.limit = limit;
        this.offset = offset;
    }

    /**
     * Checks what a user asks for.
     *
     * @param namespaces of any of these; empty: of any and none
     * @param name a regular expression (RE2) that occurs in the name
     * @param labels keys, or {@code key=value}
     * @param types kinds of objects, in any case; empty: all
     * @param from what was there at this time or later
     * @param to and before this time
     * @param at what was there at this time; not together with the other two
     * @param limit 1 to {@value #MAX_PAGE}, default 100
     * @param offset how many to skip, default 0
     * @throws HindsightException INVALID_REQUEST, INVALID_WINDOW, naming the field
     */
    public static WorkloadQuery of(
            List<String> namespaces,
            @Nullable String name,
            List<String> labels,
            List<String> types,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable Instant at,
            @Nullable Integer limit,
            @Nullable Integer offset) {
        requireFew("namespace", namespaces);
        requireFew("label", labels);
        requireFew("type", types);
        return new WorkloadQuery(
                Set.copyOf(namespaces),
                lowerCase(types),
                labels.stream().map(WorkloadQuery::label).toList(),
                name == null ? null : NamePattern.of(name, "name"),
                window(from, to, at),
                within("limit", limit == null ? DEFAULT_PAGE : limit, 1, MAX_PAGE),
                within("offset", offset == null ? 0 : offset, 0, Integer.MAX_VALUE));
    }

    private static void requireFew(String field, List<String> values) {
        if (values.size() > MAX_VALUES) {
            throw invalid(field, "is given " + values.size() + " times, limit=" + MAX_VALUES);
        }
    }

    private static int within(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw invalid(field, "is " + least + " to " + most + ", got " + value);
        }
        return value;
    }

    private static HindsightException invalid(String field, String what) {
        return HindsightException.ofField(
                ErrorCode.INVALID_REQUEST, field, "The parameter " + field + " " + what + ".");
    }

    private static Set<String> lowerCase(List<String> types) {
        return Set.copyOf(types.stream().map(type -> type.toLowerCase(Locale.ROOT)).toList());
    }

    private static Label label(String text) {
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        if (key.isEmpty()) {
            throw invalid("label", "is a key, or key=value, got '" + text + "'");
        }
        return new Label(key, equals < 0 ? null : text.substring(equals + 1));
    }

    private static TimeWindow window(@Nullable Instant from, @Nullable Instant to, @Nullable Instant at) {
        if (at != null) {
            if (from != null || to != null) {
                throw invalid("at", "is one moment; from and to are not given with it");
            }
            long atNs = EpochNanos.of(at);
            return new TimeWindow(atNs, Times.plus(atNs, 1));
        }
        return new TimeWindow(
                from == null ? Long.MIN_VALUE : EpochNanos.of(from), to == null ? Long.MAX_VALUE : EpochNanos.of(to));
    }

    /** Whether it is asked for, at the time that it was so. */
    boolean matches(Holder holder) {
        return holder.valid().fromNs() < window.toNs()
                && holder.valid().toNs() > window.fromNs()
                && (namespaces.isEmpty() || (holder.namespace() != null && namespaces.contains(holder.namespace())))
                && (types.isEmpty() || types.contains(holder.type().toLowerCase(Locale.ROOT)))
                && labels.stream().allMatch(label -> label.isIn(holder.labels()))
                && (name == null || name.isIn(holder.name()));
    }

    int limit() {
        return limit;
    }

    int offset() {
        return offset;
    }
}
