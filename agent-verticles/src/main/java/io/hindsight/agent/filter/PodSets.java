package io.hindsight.agent.filter;

import io.hindsight.agent.capture.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy's pods on this node, as addresses. Immutable.
 *
 * @param only of the pods that alone are recorded; null: all are
 * @param except of the pods that are left out
 * @param pods that have one of these addresses
 * @param onHostNetwork pods that the policy means and that have the node's addresses
 */
record PodSets(@Nullable Set<IpAddress> only, Set<IpAddress> except, int pods, int onHostNetwork) {
    /** Of a policy that singles out no pods. */
    static final PodSets NONE = new PodSets(null, Set.of(), 0, 0);

    PodSets {
        only = only == null ? null : Set.copyOf(only);
        except = Set.copyOf(except);
    }
}
