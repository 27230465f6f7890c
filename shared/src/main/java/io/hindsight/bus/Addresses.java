package io.hindsight.bus;

import io.hindsight.chunk.NodeId;

/**
 * Event-bus addresses. Control messages are JSON objects mapped from the records of this package and {@code io.hindsight.api}; requests
 * name what they want in the header {@value #ACTION_HEADER}. Failures are {@code ReplyException}s whose failure code is
 * {@link io.hindsight.error.ErrorCode#number()} (see {@link BusFailures}).
 */
public final class Addresses {
    /** Header of every request: what is asked, one of the action constants beside the address. */
    public static final String ACTION_HEADER = "action";

    /**
     * Request/reply with the Hub about snapshots; actions of {@link SnapshotAction}. Bodies and answers are the HTTP API's objects.
     */
    public static final String SNAPSHOTS = "hindsight.snapshots";

    /** Request/reply with the Hub about nodes and data boundaries: {@link NodeAction}. */
    public static final String NODES = "hindsight.nodes";

    /** Request/reply with the Hub about its custody log, within its own process alone: {@link CustodyCall}. */
    public static final String CUSTODY = "hindsight.custody";

    /** Request/reply with the Hub about what is captured, within its own process alone: {@link CaptureAction}. */
    public static final String CAPTURE = "hindsight.capture";

    /** Request/reply with the Hub about reading the chunks of a snapshot. */
    public static final String READS = "hindsight.reads";

    /** How every address of {@link #client} starts. */
    public static final String CLIENTS = "hindsight.clients.";

    /** Published by the Hub: {@code {"type": "snapshot"|"batch"|"node"|"deleted"|"volume"|"capture", ...}}, at most 10 a second for each subject. */
    public static final String EVENTS = "hindsight.events";

    /** Sent by agents to the Hub every second: {@link io.hindsight.api.NodeStatus}; answered with {@link HeartbeatAnswer}. */
    public static final String HEARTBEATS = "hindsight.heartbeats";

    /**
     * Header of the last message of a broken lane, which the Hub itself sends to the address of the stream: an
     * {@link io.hindsight.error.ErrorCode}'s name; the body is {@code {"message": why}}.
     */
    public static final String LANE_BROKEN_HEADER = "lane-broken";

    private Addresses() {}

    /** Request/reply with one agent: {@link AgentAction}. */
    public static String agent(NodeId node) {
        return "hindsight.agents." + node.name();
    }

    /**
     * Where the Hub takes one node's {@link io.hindsight.chunk.Chunk}s of one snapshot, and one {@link StreamEnd}. The Hub names this
     * address in {@link StreamRequest}; each stream of a session has one of its own, so that what a broken one left behind cannot be
     * taken for the next one's.
     *
     * @param stream 1 for a session's first stream to this node
     */
    public static String chunks(String snapshotId, NodeId node, int stream) {
        return chunksOf(node) + snapshotId + "." + stream;
    }

    /**
     * Where a client of the bus takes what it asked the Hub to send, chunks of a snapshot for example.
     *
     * @param token of the client's own making, unguessable: 16 to 64 of {@code 0-9a-zA-Z-}
     */
    public static String client(String token) {
        return CLIENTS + token;
    }

    /** How every address of {@link #chunks} for this node starts. */
    public static String chunksOf(NodeId node) {
        return "hindsight.chunks." + node.name() + "/";
    }
}
