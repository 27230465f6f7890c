package io.hindsight.bus;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@link ReadAction#OPEN}: have the chunks of a sealed snapshot sent, in the order of the manifest's nodes and of their data files. Immutable.
 *
 * @param id the snapshot
 * @param nodes names of the nodes whose chunks are wanted, at most {@value #MAX_NODES}; absent or empty: all
 * @param sources labels of {@link io.hindsight.chunk.ChunkSource}; absent or empty: all
 * @param address where the chunks are to go: {@link Addresses#client}; of this stream alone
 * @param creditBytes bytes that may be under way and not consumed yet, at least {@value #MIN_CREDIT_BYTES}; the Hub may take less
 * @param carrier how they come
 */
public record ReadRequest(
        String id,
        @Nullable List<String> nodes,
        @Nullable List<String> sources,
        String address,
        long creditBytes,
        ReadCarrier carrier) {
    /** The longest message of the carriers that cut chunks must fit. */
    public static final long MIN_CREDIT_BYTES = 128 << 10;

    /** Nodes named in one request. */
    public static final int MAX_NODES = 1_000;

    private static final Pattern ADDRESS = Pattern.compile(Pattern.quote(Addresses.CLIENTS) + "[0-9a-zA-Z-]{16,64}");

    public ReadRequest {
        nodes = nodes == null ? null : List.copyOf(nodes);
        sources = sources == null ? null : List.copyOf(sources);
    }

    /** The nodes; empty: all. */
    public List<String> chosenNodes() {
        return nodes == null ? List.of() : nodes;
    }

    /** The sources; empty: all. */
    public List<String> chosenSources() {
        return sources == null ? List.of() : sources;
    }

    /**
     * Whether it can be meant.
     *
     * @throws HindsightException INVALID_REQUEST with the field
     */
    public void check() {
        require(chosenNodes().size() <= MAX_NODES, "nodes", "At most limit=" + MAX_NODES + " nodes can be named.");
        require(
                ADDRESS.matcher(address).matches(),
                "address",
                "Chunks go to " + Addresses.CLIENTS + "<16 to 64 of 0-9 a-z A-Z ->, of the reader's own making.");
        require(
                creditBytes >= MIN_CREDIT_BYTES,
                "creditBytes",
                "creditBytes=" + creditBytes + " is less than " + MIN_CREDIT_BYTES + ".");
    }

    private static void require(boolean holds, String field, String otherwise) {
        if (!holds) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, otherwise);
        }
    }
}
