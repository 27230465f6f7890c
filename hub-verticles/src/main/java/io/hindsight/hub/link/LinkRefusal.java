package io.hindsight.hub.link;

import io.hindsight.error.ErrorCode;
import java.util.Locale;

/** Why a link, or something on it, was refused: the label {@code cause} of {@code hindsight_link_refusals_total}. */
public enum LinkRefusal {
    /** No token, or one that is not accepted. */
    UNAUTHENTICATED,
    /** Known, and not let in as this node, or a web page. */
    FORBIDDEN,
    /** Who it is could not be told: the authenticator was not reached. */
    UNDECIDED,
    /** Headers that are missing or malformed, or no WebSocket. */
    INVALID_REQUEST,
    /** Too many versions apart. */
    VERSION,
    /** Another agent has this node's name. */
    CONFLICT,
    /** As many links as there may be. */
    TOO_MANY,
    /** A message to an address that is not this node's, or in the name of another. */
    ADDRESS,
    /** An answer to what was not asked, or no longer. */
    REPLY,
    /** What is no message of the bridge's protocol. */
    MALFORMED,
    /** A frame or message that is too long. */
    TOO_LARGE,
    /** More than a link may send. */
    FLOOD,
    /** A message whose end did not come in time, or too many of them at once. */
    PARTIAL,
    /** More waits for the agent than may. */
    BACKLOG,
    /** Nothing came for too long. */
    SILENT;

    /** In metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of a request that failed with this code. */
    public static LinkRefusal of(ErrorCode code) {
        return switch (code) {
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case FORBIDDEN -> FORBIDDEN;
            case UPSTREAM_UNREACHABLE -> UNDECIDED;
            case VERSION_MISMATCH -> VERSION;
            case NODE_CONFLICT -> CONFLICT;
            case TOO_MANY_REQUESTS -> TOO_MANY;
            // The rest has in common that the request was not one for a link.
            default -> INVALID_REQUEST;
        };
    }
}
