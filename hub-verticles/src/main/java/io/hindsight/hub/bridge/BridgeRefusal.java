package io.hindsight.hub.bridge;

import io.hindsight.error.ErrorCode;
import io.hindsight.hub.link.LinkRefusal;
import java.util.Locale;

/** Why a program's connection, or something on it, was refused: the label {@code cause} of {@code hindsight_bridge_refusals_total}. */
public enum BridgeRefusal {
    /** No token, or one that is not accepted. */
    UNAUTHENTICATED,
    /** Who it is could not be told: the authenticator was not reached. */
    UNDECIDED,
    /** As many connections as there may be. */
    TOO_MANY,
    /** A request that opens no connection, or a message with members out of their bounds. */
    INVALID_REQUEST,
    /** A message to, or a registration at, an address that is not open to programs. */
    ADDRESS,
    /** An action that the address has not got, or none. */
    ACTION,
    /** Something that the caller may not do. */
    PERMISSION,
    /** More registrations than one connection may have. */
    REGISTRATIONS,
    /** An address at which another connection listens. */
    HELD,
    /** More requests at once than one connection may have. */
    UNANSWERED,
    /** Something for the program that no bridge can carry. */
    CONTENT,
    /** What is no message of the bridge's protocol. */
    MALFORMED,
    /** A frame or message that is too long. */
    TOO_LARGE,
    /** More than a connection may send. */
    FLOOD,
    /** A message whose end did not come in time, or too many of them at once. */
    PARTIAL,
    /** More waits for the program than may. */
    BACKLOG,
    /** Nothing came for too long. */
    SILENT;

    /** In metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of a connection that failed to open with this code. */
    public static BridgeRefusal of(ErrorCode code) {
        return switch (code) {
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case FORBIDDEN -> PERMISSION;
            case UPSTREAM_UNREACHABLE -> UNDECIDED;
            case TOO_MANY_REQUESTS -> TOO_MANY;
            // The rest has in common that the request was not one for the bridge.
            default -> INVALID_REQUEST;
        };
    }

    /** Of frames: what breaks the bounds that links have too. */
    static BridgeRefusal of(LinkRefusal cause) {
        return switch (cause) {
            case TOO_LARGE -> TOO_LARGE;
            case FLOOD -> FLOOD;
            case PARTIAL -> PARTIAL;
            case BACKLOG -> BACKLOG;
            case SILENT -> SILENT;
            // Of what an inbox finds there is nothing else.
            default -> MALFORMED;
        };
    }
}
