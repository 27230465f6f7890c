package io.hindsight.hub.testing;

/**
 * What a {@link ScriptedAgent} does to one stream, instead of sending all of it.
 *
 * @param kind what happens
 * @param afterChunks of this stream, when it happens
 */
public record Fault(Kind kind, int afterChunks) {
    /** Ways in which a stream goes wrong. */
    public enum Kind {
        /** The lane breaks and the Hub is told so; the agent keeps its session. */
        LANE_BREAKS,
        /** Nothing more comes, and nobody says why. */
        FALLS_SILENT,
        /** The agent is killed, and is back, without its sessions, soon after. */
        RESTARTS,
        /** The agent is told to stop, says so, and is back, without its sessions, soon after. */
        STOPS,
        /** The lease of the session ends. */
        LEASE_ENDS,
        /** The agent knows no session when the stream is asked for. */
        FORGETS,
        /** The agent is killed for good. */
        VANISHES,
        /** No fault: the end is told before the chunks from here on have come. */
        TELLS_END_EARLY,
        /** The lane is closed before the end is told; nothing is missing. */
        CLOSES_LANE_EARLY,
        /** The end promises fewer chunks than come. */
        TELLS_TOO_LITTLE,
        /** The end promises a chunk that never comes, and the lane ends. */
        LOSES_A_CHUNK
    }
}
