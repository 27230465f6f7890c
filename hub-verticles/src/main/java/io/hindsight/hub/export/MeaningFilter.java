package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an export is to be about, in names: as they were at each record's time. Within one kind any name will do, all kinds that are given must hold.
 * Names are compared, never looked up, and are no patterns. Immutable.
 *
 * @param namespaces names
 * @param pods {@code name} or {@code namespace/name}
 * @param labels {@code key} or {@code key=value}
 * @param services {@code name} or {@code namespace/name}
 * @param processes commands, of which the kernel keeps 15 bytes, or {@code pid:NUMBER}
 */
public record MeaningFilter(
        List<String> namespaces,
        List<String> pods,
        List<String> labels,
        List<String> services,
        List<String> processes) {
    /** Names of one kind. */
    public static final int MAX_VALUES = 64;

    /** Characters of a name: more than any of Kubernetes has. */
    public static final int MAX_VALUE_LENGTH = 600;

    /** Leaves nothing out. */
    public static final MeaningFilter NONE = new MeaningFilter(List.of(), List.of(), List.of(), List.of(), List.of());

    /** How a process is named by its number. */
    static final String PID_PREFIX = "pid:";

    public MeaningFilter {
        namespaces = checked("namespace", namespaces);
        pods = checked("pod", pods);
        labels = checked("label", labels);
        services = checked("service", services);
        processes = checked("process", processes);
        processes.forEach(MeaningFilter::requireProcess);
    }

    private static List<String> checked(String kind, List<String> values) {
        if (values.size() > MAX_VALUES) {
            throw refused(kind, "names " + values.size() + ", limit=" + MAX_VALUES);
        }
        for (String value : values) {
            if (value.isBlank() || value.length() > MAX_VALUE_LENGTH) {
                throw refused(kind, "has a name of " + value.length() + " characters, 1 to limit=" + MAX_VALUE_LENGTH);
            }
        }
        return List.copyOf(values);
    }

    private static void requireProcess(String process) {
        if (process.startsWith(PID_PREFIX) && !process.substring(PID_PREFIX.length()).matches("[0-9]{1,9}")) {
            throw refused("process", "has \"" + process + "\"; a process is a command, or pid: and its number");
        }
    }

    private static HindsightException refused(String kind, String why) {
        return HindsightException.ofField(ErrorCode.INVALID_REQUEST, kind, "The parameter " + kind + " " + why + ".");
    }

    /** Whether nothing is asked for. */
    public boolean isEmpty() {
        return !choosesHolders() && !choosesProcesses();
    }

    /** Whether it matters who held an address. */
    boolean choosesHolders() {
        return !namespaces.isEmpty() || !pods.isEmpty() || !labels.isEmpty() || !services.isEmpty();
    }

    /** Whether it matters whose a socket was. */
    boolean choosesProcesses() {
        return !processes.isEmpty();
    }

    /** Whether a namespace is all that is asked of a holder. */
    boolean choosesNamespacesAlone() {
        return !namespaces.isEmpty() && pods.isEmpty() && labels.isEmpty() && services.isEmpty();
    }

    /** {@code namespace=shop and pod=a or b}: for people. */
    String text() {
        List<String> kinds = new ArrayList<>();
        add(kinds, "namespace", namespaces);
        add(kinds, "pod", pods);
        add(kinds, "label", labels);
        add(kinds, "service", services);
        add(kinds, "process", processes);
        return String.join(" and ", kinds);
    }

    private static void add(List<String> kinds, String kind, List<String> values) {
        if (!values.isEmpty()) {
            kinds.add(kind + " " + String.join(" or ", values));
        }
    }
}
