package io.hindsight.bus;

import io.hindsight.api.Gap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last message of a node's stream, as JSON on the chunk address; of a {@link SharedStreamRequest} one for each member, as soon as its last chunk has
 * been sent.
 *
 * @param node name
 * @param chunks chunks sent in this stream
 * @param bytes their bytes
 * @param gaps parts of the window that were lost, those of the plan included, oldest first
 * @param failure null when everything was sent; else why the agent broke off, a whole sentence
 * @param failureCode null when everything was sent; else the {@link io.hindsight.error.ErrorCode}'s name
 * @param snapshotId of a shared stream: the member that it is about, and {@code chunks} and {@code bytes} are those of the whole stream until then; null
 *     otherwise
 */
public record StreamEnd(
        String node,
        long chunks,
        long bytes,
        List<Gap> gaps,
        @Nullable String failure,
        @Nullable String failureCode,
        @Nullable String snapshotId) {
    public StreamEnd {
        gaps = List.copyOf(gaps);
    }

    /** Of a stream of one snapshot. */
    public StreamEnd(
            String node,
            long chunks,
            long bytes,
            List<Gap> gaps,
            @Nullable String failure,
            @Nullable String failureCode) {
        this(node, chunks, bytes, gaps, failure, failureCode, null);
    }
}
