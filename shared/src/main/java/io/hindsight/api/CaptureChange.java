package io.hindsight.api;

import org.jspecify.annotations.Nullable;

/**
 * From some moment on a node recorded this. Kept by the agent, told with every plan, and stored in the manifest of each snapshot whose window it concerns: the one in force at
 * the window's start, and each within. Immutable.
 *
 * @param fromNs when the kernel had it, nanoseconds since 1970 by the node's clock
 * @param revision of the {@link CaptureState}; 0 while no Hub had told one
 * @param policy the policy; null while no Hub had told one
 * @param changedBy who set the policy
 * @param expression BPF in the kernel, shortened where it is long; empty: everything
 * @param pods of the node whose addresses are in the expression
 * @param problem why this is not what the policy asks for, whole sentence
 */
public record CaptureChange(
        long fromNs,
        long revision,
        @Nullable CapturePolicy policy,
        @Nullable String changedBy,
        String expression,
        int pods,
        @Nullable String problem) {
    /** Whether anything but the program's own traffic was left out, or should have been. */
    public boolean restricts() {
        boolean isEverything = policy == null ? expression.isEmpty() : policy.equals(CapturePolicy.EVERYTHING);
        return !isEverything || problem != null;
    }
}
