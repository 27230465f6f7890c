package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.BusFailures;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What went wrong with a node.
 *
 * @param reason in whole sentences
 * @param cause of the gap that the rest of the window is, if the node does not go on
 * @param passing whether the node may be back, so that waiting for it makes sense: it is cut off or restarts. Else its data or its agent is broken.
 */
record NodeTrouble(HindsightException reason, Gap.Cause cause, boolean passing) {
    /** WRONG_STATE: the agent knows nothing of the session, because it was restarted or its lease is over. */
    private static final Set<ErrorCode> PASSING =
            EnumSet.of(
                    ErrorCode.AGENT_UNREACHABLE,
                    ErrorCode.TIMED_OUT,
                    ErrorCode.NOT_READY,
                    ErrorCode.WRONG_STATE,
                    ErrorCode.TOO_MANY_REQUESTS);

    /** The node, or the way to it, is gone. */
    static NodeTrouble unreachable(String reason) {
        return new NodeTrouble(
                new HindsightException(ErrorCode.AGENT_UNREACHABLE, reason), Gap.Cause.NODE_UNREACHABLE, true);
    }

    /** The agent does what it should not; {@code what} goes on from its name. */
    static NodeTrouble ofAgent(NodeId node, String what) {
        return new NodeTrouble(agentFailed(node, what), Gap.Cause.NODE_UNREACHABLE, false);
    }

    /** What it sent is not what it should be. */
    static NodeTrouble corrupt(HindsightException reason) {
        return new NodeTrouble(reason, Gap.Cause.CORRUPT, false);
    }

    /** It sent not what it says; {@code what} goes on from its name. */
    static NodeTrouble miscounted(NodeId node, String what) {
        return corrupt(agentFailed(node, what));
    }

    /** A request to the agent failed; an answer that is no answer says that the agent cannot be reached or has failed. */
    static NodeTrouble ofRequest(NodeId node, Throwable failure) {
        HindsightException known = BusFailures.asHindsight(failure);
        ErrorCode code =
                switch (known.code()) {
                    case TIMED_OUT, AGENT_UNREACHABLE -> ErrorCode.AGENT_UNREACHABLE;
                    case INTERNAL, INVALID_REQUEST -> ErrorCode.AGENT_FAILED;
                    default -> known.code();
                };
        HindsightException reason = new HindsightException(code, "node=" + node + ": " + known.getMessage(), known);
        return new NodeTrouble(reason, Gap.Cause.NODE_UNREACHABLE, isPassing(code));
    }

    /** The lane, or the agent at the end of its stream, says why the stream broke. */
    static NodeTrouble ofCode(NodeId node, String codeName, String reason) {
        String words = "node=" + node + ": " + reason;
        if (codeName.equals(ErrorCode.INTEGRITY_VIOLATED.name())) {
            return corrupt(new HindsightException(ErrorCode.INTEGRITY_VIOLATED, words));
        }
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(codeName) && isPassing(code)) {
                return unreachable(words);
            }
        }
        return ofAgent(node, "broke off: " + reason);
    }

    private static boolean isPassing(ErrorCode code) {
        return PASSING.contains(code);
    }

    private static HindsightException agentFailed(NodeId node, String what) {
        return new HindsightException(ErrorCode.AGENT_FAILED, "The agent of node=" + node + " " + what + ".");
    }

    /** Whether an answer did not come in time: it may still come. */
    boolean isTimeOut() {
        return reason.getCause() instanceof HindsightException known && known.code() == ErrorCode.TIMED_OUT;
    }

    /** The same, now that nobody waits for the node any longer. */
    NodeTrouble givenUp(ErrorCode code, String why) {
        return new NodeTrouble(new HindsightException(code, why + " " + reason.getMessage(), reason), cause, false);
    }
}
