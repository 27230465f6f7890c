package io.hindsight.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a stable {@link ErrorCode}. The message is a whole sentence for people and carries {@code name=value} pairs with the
 * limit that was broken. Expected failures (category {@link ErrorCode.Category#CALLER}) carry no stack trace.
 */
public final class HindsightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String field;
    private final transient List<ItemFault> items;

    /** A failure without a field. */
    public HindsightException(ErrorCode code, String message) {
        this(code, null, message, null, List.of());
    }

    /** A failure with its cause. */
    public HindsightException(ErrorCode code, String message, Throwable cause) {
        this(code, null, message, cause, List.of());
    }

    private HindsightException(
            ErrorCode code, @Nullable String field, String message, @Nullable Throwable cause, List<ItemFault> items) {
        super(message, cause, false, code.category() != ErrorCode.Category.CALLER);
        this.code = code;
        this.field = field;
        this.items = List.copyOf(items);
    }

    /** A request field that is wrong; {@code field} is its name as the caller wrote it, for example {@code window.from}. */
    public static HindsightException ofField(ErrorCode code, String field, String message) {
        return new HindsightException(code, field, message, null, List.of());
    }

    /** Several requests that came together, some of which are wrong; {@code items} says what is. */
    public static HindsightException ofItems(
            ErrorCode code, @Nullable String field, String message, List<ItemFault> items) {
        return new HindsightException(code, field, message, null, items);
    }

    /** The stable code. */
    public ErrorCode code() {
        return code;
    }

    /** The request field at fault, or null where none is. */
    public @Nullable String field() {
        return field;
    }

    /** What is wrong with each of several requests; empty where there was one. */
    public List<ItemFault> items() {
        return items;
    }
}
