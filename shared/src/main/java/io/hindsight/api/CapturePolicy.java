package io.hindsight.api;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What every node records, cluster-wide. With nothing set: everything, but for the program's own traffic. Immutable.
 *
 * @param regex of pods, RE2: only traffic of pods whose name it finds; null: any
 * @param namespaces only traffic of pods of these namespaces; empty: any
 * @param excludedNamespaces no traffic of pods of these namespaces, whatever else is said
 * @param bpfOverride a BPF expression that holds in place of the three above; null: they hold
 * @param ownTraffic whether packets of the program itself, of agents and users with the Hub, are recorded too
 */
public record CapturePolicy(
        @Nullable String regex,
        List<String> namespaces,
        List<String> excludedNamespaces,
        @Nullable String bpfOverride,
        boolean ownTraffic) {
    /** Namespaces in each list, at most. */
    public static final int MAX_NAMESPACES = 256;

    /** The longest regular expression, in characters. */
    public static final int MAX_REGEX_LENGTH = 1_000;

    /** The longest BPF expression, in characters. */
    public static final int MAX_BPF_LENGTH = 2_048;

    /** Everything, but for the program's own traffic. */
    public static final CapturePolicy EVERYTHING = new CapturePolicy(null, List.of(), List.of(), null, false);

    /** The longest name of a namespace (RFC 1123 label). */
    private static final int NAMESPACE_LENGTH = 63;

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    public CapturePolicy {
        namespaces = List.copyOf(namespaces);
        excludedNamespaces = List.copyOf(excludedNamespaces);
    }

    /**
     * The same within its bounds: blank texts are null, namespaces sorted and each there once. Whether the expressions can be compiled is not looked at here.
     *
     * @throws HindsightException INVALID_REQUEST, naming the field
     */
    public CapturePolicy checked() {
        return new CapturePolicy(
                textOrNull("regex", regex, MAX_REGEX_LENGTH),
                names("namespaces", namespaces),
                names("excludedNamespaces", excludedNamespaces),
                textOrNull("bpfOverride", bpfOverride, MAX_BPF_LENGTH),
                ownTraffic);
    }

    private static @Nullable String textOrNull(String field, @Nullable String text, int limit) {
        if (text == null || text.isBlank()) {
            return null;
        }
        if (text.length() > limit) {
            throw refused(field, field + " has length=" + text.length() + ", limit=" + limit + ".");
        }
        return text;
    }

    private static List<String> names(String field, List<String> names) {
        if (names.size() > MAX_NAMESPACES) {
            throw refused(field, field + " holds count=" + names.size() + ", limit=" + MAX_NAMESPACES + ".");
        }
        for (String name : names) {
            if (name.length() > NAMESPACE_LENGTH || !NAMESPACE.matcher(name).matches()) {
                throw refused(field, field + " holds what is no name of a namespace (RFC 1123 label).");
            }
        }
        return names.stream().distinct().sorted().toList();
    }

    private static HindsightException refused(String field, String message) {
        return HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, message);
    }

    /** Whether it singles out pods, which takes knowing their addresses. */
    public boolean concernsPods() {
        return bpfOverride == null && (regex != null || !namespaces.isEmpty() || !excludedNamespaces.isEmpty());
    }
}
