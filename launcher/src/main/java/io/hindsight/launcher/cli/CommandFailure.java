package io.hindsight.launcher.cli;

import io.hindsight.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * An end of a command that has an exit code of its own and, where something is to be said, a code and one clear line with what, where and
 * the way out. Carries no stack trace unless it has a cause.
 */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitStatus status;
    private final String code;
    private final @Nullable String field;

    private CommandFailure(
            ExitStatus status, String code, @Nullable String field, String message, @Nullable Throwable cause) {
        super(message, cause, false, cause != null);
        this.status = status;
        this.code = code;
        this.field = field;
    }

    /** A failure of a known kind. */
    public static CommandFailure of(ErrorCode code, String message) {
        return new CommandFailure(ExitStatus.of(code), code.name(), null, message, null);
    }

    /** The Hub cannot be reached. */
    public static CommandFailure notReachable(String message, Throwable cause) {
        return new CommandFailure(ExitStatus.NOT_REACHABLE, "NOT_REACHABLE", null, message, cause);
    }

    /** What the Hub answered: its code may be newer than this program. */
    public static CommandFailure ofProblem(ExitStatus status, String code, @Nullable String field, String message) {
        return new CommandFailure(status, code, field, message, null);
    }

    /** How the process exits. */
    public ExitStatus status() {
        return status;
    }

    /** Stable name of the error. */
    public String code() {
        return code;
    }

    /** The request's field at fault, or null. */
    public @Nullable String field() {
        return field;
    }
}
