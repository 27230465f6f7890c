package io.hindsight.hub.nodes;

import io.hindsight.api.NodeStatus;
import io.hindsight.chunk.NodeId;

/** Told of nodes, on the registry's context. */
public interface NodeListener {
    /** A heartbeat came and was taken. */
    void heard(NodeStatus status);

    /** Its link has gone, or it has been silent for too long. */
    void lost(NodeId node);

    /** It is listed no longer. */
    void forgotten(NodeId node);
}
