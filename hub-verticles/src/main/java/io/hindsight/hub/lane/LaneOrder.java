package io.hindsight.hub.lane;

import io.hindsight.chunk.NodeId;

/**
 * What a lane is for.
 *
 * @param snapshotId the session that ordered it
 * @param node whose chunks it carries
 * @param address local event-bus address that takes them, as {@link io.hindsight.chunk.Chunk}s by reference
 * @param creditBytes of chunks handed on and not given back yet, from which on the lane does not read
 */
public record LaneOrder(String snapshotId, NodeId node, String address, long creditBytes) {}
