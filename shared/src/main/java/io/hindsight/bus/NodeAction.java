package io.hindsight.bus;

/** What may be asked at {@link Addresses#NODES}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum NodeAction {
    /** empty → {@code {"nodes": [NodeStatus plus "reachable", "lastHeartbeat"]}}. */
    LIST,
    /** empty → {@link io.hindsight.api.Boundaries}. */
    BOUNDARIES
}
