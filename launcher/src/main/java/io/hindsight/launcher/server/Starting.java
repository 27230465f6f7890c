package io.hindsight.launcher.server;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what starts, on a thread that has nothing else to do. */
final class Starting {
    private Starting() {}

    /**
     * What has started.
     *
     * @param failing the beginning of the sentence that ends with the time
     * @throws HindsightException with what is wrong; TIMED_OUT where it hangs
     */
    static <T> T await(Future<T> started, Duration timeout, String failing) {
        try {
            return started.toCompletionStage().toCompletableFuture().get(timeout.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw asHindsight(failed.getCause() == null ? failed : failed.getCause());
        } catch (TimeoutException hanging) {
            throw new HindsightException(
                    ErrorCode.TIMED_OUT, failing + " after " + timeout.toSeconds() + " s.", hanging);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HindsightException(ErrorCode.CANCELLED, "Interrupted while starting.");
        }
    }

    private static HindsightException asHindsight(Throwable failure) {
        return switch (failure) {
            case HindsightException known -> known;
            case CompletionException wrapped when wrapped.getCause() != null -> asHindsight(wrapped.getCause());
            default ->
                    new HindsightException(
                            ErrorCode.INTERNAL,
                            failure.getClass().getSimpleName() + ": " + failure.getMessage(),
                            failure);
        };
    }
}
