package io.hindsight.agent.kubernetes;

/** Tells which pods are on this node. Thread-safe. */
public interface PodFollower {
    /** Of an agent that does not watch Kubernetes objects. */
    PodFollower NONE =
            new PodFollower() {
                @Override
                public NodePods pods() {
                    return NodePods.UNWATCHED;
                }

                @Override
                public long podChanges() {
                    return 0;
                }
            };

    /** The pods of this node and their addresses now. */
    NodePods pods();

    /** Another number whenever {@link #pods} may be different. Cheap. */
    long podChanges();
}
