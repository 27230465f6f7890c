package io.hindsight.bus;

import io.hindsight.api.Gap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last message of a node's stream, as JSON on the chunk address.
 *
 * @param node name
 * @param chunks chunks sent in this stream
 * @param bytes their bytes
 * @param gaps parts of the window that were lost, those of the plan included, oldest first
 * @param failure null when everything was sent; else why the agent broke off, a whole sentence
 * @param failureCode null when everything was sent; else the {@link io.hindsight.error.ErrorCode}'s name
 */
public record StreamEnd(
        String node, long chunks, long bytes, List<Gap> gaps, @Nullable String failure, @Nullable String failureCode) {
    public StreamEnd {
        gaps = List.copyOf(gaps);
    }
}
