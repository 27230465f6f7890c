package io.hindsight.hub.store;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link IOException}s as failures that name file, operation and reason. */
public final class IoFailures {
    private IoFailures() {}

    /** INSUFFICIENT_STORAGE where the volume or a quota is full, else IO_FAILED. */
    public static HindsightException of(String operation, Path file, IOException cause) {
        ErrorCode code = isFull(cause.getMessage()) ? ErrorCode.INSUFFICIENT_STORAGE : ErrorCode.IO_FAILED;
        return new HindsightException(
                code, "Cannot " + operation + " file=" + file + ": " + cause.getMessage() + ".", cause);
    }

    private static boolean isFull(@Nullable String reason) {
        String text = reason == null ? "" : reason.toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("quota exceeded") || text.contains("file too large");
    }
}
