package io.hindsight.agent.kubernetes;

import java.util.List;

/**
 * The pods of this node at one moment. Immutable.
 *
 * @param knowledge how far they are known
 * @param pods what is known; empty unless they were listed
 * @param leftOut pods that found no room
 */
public record NodePods(Knowledge knowledge, List<NodePod> pods, long leftOut) {
    /** Of an agent that does not watch Kubernetes objects. */
    public static final NodePods UNWATCHED = new NodePods(Knowledge.UNWATCHED, List.of(), 0);

    /** How far pods are known. */
    public enum Knowledge {
        /** The agent does not watch Kubernetes objects. */
        UNWATCHED,
        /** They were not listed yet. */
        UNLISTED,
        /** They are those of a while ago: the API server does not answer. */
        STALE,
        /** They are those of now. */
        CURRENT
    }

    public NodePods {
        pods = List.copyOf(pods);
    }
}
