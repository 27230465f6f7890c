package io.hindsight.agent.filter;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import io.hindsight.agent.kubernetes.NodePods;
import io.hindsight.agent.kubernetes.NodePods.Knowledge;
import io.hindsight.api.CapturePolicy;
import io.hindsight.bus.CaptureOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a filter of a policy and of what is known of the node's pods. Not thread-safe. */
final class PolicyResolver {
    private final String setting;
    private final RecentPods recent = new RecentPods();
    private boolean listed;

    // The pods of a policy, as they were last known.
    private @Nullable PodSets known;
    private @Nullable CapturePolicy knownPolicy;

    PolicyResolver(String setting) {
        this.setting = setting;
    }

    /** What was known before this process began. */
    void remember(CapturePolicy policy, PodSets sets) {
        knownPolicy = policy;
        known = sets;
    }

    /** The pods of a policy, for {@link #remember}; null where they were never known. */
    @Nullable PodSets known(CapturePolicy policy) {
        return policy.equals(knownPolicy) ? known : null;
    }

    /**
     * The filter, now.
     *
     * @param connections where the agent's own connections lead
     */
    WantedCapture resolve(@Nullable CheckedOrder order, NodePods pods, Set<TcpEndpoint> connections, long nowNs) {
        boolean isListed = pods.knowledge() == Knowledge.CURRENT || pods.knowledge() == Knowledge.STALE;
        if (isListed) {
            recent.update(pods.pods(), nowNs);
            listed = true;
        }
        if (order == null) {
            return new WantedCapture(CaptureFilter.of(setting), 0, null);
        }
        List<String> problems = new ArrayList<>();
        PodSets sets = order.policy().concernsPods() ? sets(order, pods, problems) : PodSets.NONE;
        Set<TcpEndpoint> own = new HashSet<>();
        if (!order.policy().ownTraffic()) {
            own.addAll(order.own());
            own.addAll(connections);
            if (order.ownLeftOut() > 0) {
                problems.add(
                        "Own traffic with endpoints="
                                + order.ownLeftOut()
                                + " of the Hub is recorded; limit="
                                + CaptureOrder.MAX_OWN
                                + ".");
            }
        }
        CaptureFilter filter =
                new CaptureFilter(
                        setting,
                        Objects.requireNonNullElse(order.policy().bpfOverride(), ""),
                        sets.only(),
                        sets.except(),
                        own);
        return new WantedCapture(filter, sets.pods(), problems.isEmpty() ? null : String.join(" ", problems));
    }

    private PodSets sets(CheckedOrder order, NodePods pods, List<String> problems) {
        PodSets sets = select(order, pods.knowledge(), problems);
        if (sets == null) {
            return PodSets.NONE;
        }
        remember(order.policy(), sets);
        if (sets.only() != null && sets.only().isEmpty()) {
            problems.add("No pod of this node is meant by the policy: nothing is recorded.");
        }
        if (sets.onHostNetwork() > 0) {
            problems.add(
                    "The policy means pods="
                            + sets.onHostNetwork()
                            + " that use the node's network: they have its addresses, and are neither singled out nor left out.");
        }
        if (pods.leftOut() > 0) {
            problems.add("The node has more pods than are followed; leftOut=" + pods.leftOut() + ".");
        }
        return sets;
    }

    private @Nullable PodSets select(CheckedOrder order, Knowledge knowledge, List<String> problems) {
        String why =
                switch (knowledge) {
                    case CURRENT -> null;
                    case STALE, UNLISTED ->
                            "The pods of this node are not known now, because the Kubernetes API server does not answer or was not asked yet; the status of the source kubernetes says more.";
                    case UNWATCHED ->
                            "The policy singles out pods, and this agent does not watch Kubernetes: set kubernetes=on, and kubeconfig where it runs outside a cluster.";
                };
        if (why == null || listed) {
            if (why != null) {
                problems.add(why + " Those known last are taken.");
            }
            return order.selector().select(recent.live(), recent.gone());
        }
        if (known != null && order.policy().equals(knownPolicy)) {
            problems.add(why + " Those known before the agent's start are taken.");
            return known;
        }
        problems.add(why + " Until then everything is recorded.");
        return null;
    }
}
