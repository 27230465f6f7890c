package io.hindsight.launcher.cli;

import io.hindsight.error.ErrorCode;

/** Exit codes of the program. Stable: scripts program against them. */
public enum ExitStatus {
    /** Done as asked. */
    DONE(0),
    /** Any failure without a code of its own. */
    FAILED(1),
    /** The command line or the configuration is wrong. */
    USAGE(2),
    /** Bytes do not match their checksums. */
    INTEGRITY_VIOLATED(3),
    /** The snapshot is sealed, but a node or a part of the window is missing. */
    PARTIAL(4),
    /** The Hub, or a node, does not answer. */
    NOT_REACHABLE(5);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    /** What the process exits with. */
    public int code() {
        return code;
    }

    /** How a command ends that failed with this error. */
    public static ExitStatus of(ErrorCode error) {
        return switch (error) {
            case INVALID_REQUEST, INVALID_WINDOW, INVALID_FILTER, INVALID_CONFIGURATION -> USAGE;
            case INTEGRITY_VIOLATED -> INTEGRITY_VIOLATED;
            case AGENT_UNREACHABLE, NOT_READY -> NOT_REACHABLE;
            case UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    SNAPSHOT_NOT_FOUND,
                    UNKNOWN_NODE,
                    METHOD_NOT_ALLOWED,
                    WRONG_STATE,
                    IDEMPOTENCY_CONFLICT,
                    EMPTY_WINDOW,
                    PAYLOAD_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    RANGE_NOT_SATISFIABLE,
                    TOO_MANY_REQUESTS,
                    INSUFFICIENT_STORAGE,
                    AGENT_FAILED,
                    TIMED_OUT,
                    IO_FAILED,
                    MISSING_PRIVILEGE,
                    CANCELLED,
                    INTERNAL,
                    INCOMPLETE,
                    NODE_CONFLICT,
                    VERSION_MISMATCH,
                    SNAPSHOT_LOCKED,
                    UPSTREAM_UNREACHABLE,
                    UNSUPPORTED_PLATFORM ->
                    FAILED;
        };
    }
}
