package io.hindsight.error;

import java.util.Optional;

/**
 * Every failure that leaves a component, with the meaning its users program against. Codes and numbers are stable: they are never
 * re-used and never change meaning. The number travels in event-bus failures, the name in problem details (RFC 9457) and JSON output.
 */
public enum ErrorCode {
    /** A field of a request is missing, malformed or out of its range; the message names the field and the limit. */
    INVALID_REQUEST(1, 400, Category.CALLER, false),
    /** A window that ends before it starts, is longer than its bound, or lies wholly in the future. */
    INVALID_WINDOW(2, 400, Category.CALLER, false),
    /** A capture or export filter that libpcap refuses; the message carries libpcap's own words. */
    INVALID_FILTER(3, 400, Category.CALLER, false),
    /** No token, or one that is not accepted. */
    UNAUTHENTICATED(4, 401, Category.CALLER, false),
    /** The caller is known and may not do this. */
    FORBIDDEN(5, 403, Category.CALLER, false),
    /** No such path or resource. */
    NOT_FOUND(6, 404, Category.CALLER, false),
    /** No snapshot of this id. */
    SNAPSHOT_NOT_FOUND(7, 404, Category.CALLER, false),
    /** A node named by the request has never been seen by this Hub. */
    UNKNOWN_NODE(8, 404, Category.CALLER, false),
    /** The path exists, the method does not. */
    METHOD_NOT_ALLOWED(9, 405, Category.CALLER, false),
    /** The snapshot's state does not allow the operation, for example an export of one that is still streaming. */
    WRONG_STATE(10, 409, Category.CALLER, false),
    /** An idempotency key was used before with a different request. */
    IDEMPOTENCY_CONFLICT(11, 409, Category.CALLER, false),
    /** None of the nodes holds anything in the window. */
    EMPTY_WINDOW(12, 409, Category.CALLER, false),
    /** The request body is larger than its limit. */
    PAYLOAD_TOO_LARGE(13, 413, Category.CALLER, false),
    /** The body is not of a type that the operation takes. */
    UNSUPPORTED_MEDIA_TYPE(14, 415, Category.CALLER, false),
    /** A byte range outside the file. */
    RANGE_NOT_SATISFIABLE(15, 416, Category.CALLER, false),
    /** A limit on concurrent work was reached; later it may be taken. */
    TOO_MANY_REQUESTS(16, 429, Category.RESOURCE, true),
    /** The snapshot volume lacks room; the message carries needed and free bytes. */
    INSUFFICIENT_STORAGE(17, 507, Category.RESOURCE, true),
    /** An agent did not answer in time, or none is connected under that name. */
    AGENT_UNREACHABLE(18, 503, Category.RESOURCE, true),
    /** An agent answered with a failure, or broke off. */
    AGENT_FAILED(19, 502, Category.RESOURCE, true),
    /** The Hub is starting or stopping. */
    NOT_READY(20, 503, Category.RESOURCE, true),
    /** A time-out inside the Hub. */
    TIMED_OUT(21, 504, Category.RESOURCE, true),
    /** Bytes that do not match their checksum, or a format that is not what it claims to be. */
    INTEGRITY_VIOLATED(22, 500, Category.INTERNAL, false),
    /** A file or device failed; the message names the file, the operation and the operating system's reason. */
    IO_FAILED(23, 500, Category.INTERNAL, false),
    /** The process lacks a privilege; the message carries the line that grants it. */
    MISSING_PRIVILEGE(24, 500, Category.RESOURCE, false),
    /** A configuration that cannot be used; the message lists every problem. */
    INVALID_CONFIGURATION(25, 500, Category.CALLER, false),
    /** The operation was cancelled by its owner. */
    CANCELLED(26, 409, Category.CALLER, false),
    /** A defect of Hindsight itself. */
    INTERNAL(27, 500, Category.INTERNAL, false),
    /** A snapshot that every node was required for lacks a node or a part of the window; nothing of it is kept. */
    INCOMPLETE(28, 502, Category.RESOURCE, true),
    /** Another agent is linked under this node's name, and alive. */
    NODE_CONFLICT(29, 409, Category.CALLER, true),
    /** Agent and Hub are too many versions apart; the message names both. */
    VERSION_MISMATCH(30, 400, Category.CALLER, false),
    /** The machine lacks something that cannot be granted, such as a kernel's feature or a library; the message names it, and what to install. */
    UNSUPPORTED_PLATFORM(31, 500, Category.RESOURCE, false),
    /** The snapshot is locked against deletion; the message says until when. 423 is of RFC 4918. */
    SNAPSHOT_LOCKED(32, 423, Category.CALLER, false),
    /** Another service that the answer takes, Kubernetes' API server or an identity provider, cannot be reached, or refuses this program. */
    UPSTREAM_UNREACHABLE(33, 503, Category.RESOURCE, true);

    /** Who can do something about an error. */
    public enum Category {
        /** The request was wrong; the same one fails again. */
        CALLER,
        /** Something outside the program is missing, full or away. */
        RESOURCE,
        /** The program or its data is at fault. */
        INTERNAL
    }

    private final int number;
    private final int httpStatus;
    private final Category category;
    private final boolean retryable;

    ErrorCode(int number, int httpStatus, Category category, boolean retryable) {
        this.number = number;
        this.httpStatus = httpStatus;
        this.category = category;
        this.retryable = retryable;
    }

    /** Stable number, positive, used as the failure code of event-bus replies. */
    public int number() {
        return number;
    }

    /** HTTP status (RFC 9110) that an API answer of this code carries. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Who can mend it. */
    public Category category() {
        return category;
    }

    /** Whether the same request may succeed later without a change. */
    public boolean retryable() {
        return retryable;
    }

    /** The code of this name, or empty where a newer peer sent one that is not known here. */
    public static Optional<ErrorCode> ofName(String name) {
        for (ErrorCode code : values()) {
            if (code.name().equals(name)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }

    /** The code of this number, or empty where a newer peer sent one that is not known here. */
    public static Optional<ErrorCode> ofNumber(int number) {
        for (ErrorCode code : values()) {
            if (code.number == number) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
