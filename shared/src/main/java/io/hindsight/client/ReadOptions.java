package io.hindsight.client;

import io.hindsight.chunk.ChunkSource;
import java.util.List;
import java.util.Set;

/**
 * What of a snapshot is read, and how far ahead. Immutable.
 *
 * @param id the snapshot
 * @param nodes names of the nodes whose chunks are wanted; empty: all
 * @param sources that are wanted; empty: all
 * @param creditBytes bytes that may be under way or waiting for the reader, at least 128 KiB; the Hub may give less (64 MiB; 512 KiB over a bridge). A chunk that is longer comes all
 *     the same
 */
public record ReadOptions(String id, List<String> nodes, Set<ChunkSource> sources, long creditBytes) {
    /** What is used where nothing is said. */
    public static final long DEFAULT_CREDIT_BYTES = 16L << 20;

    public ReadOptions {
        nodes = List.copyOf(nodes);
        sources = Set.copyOf(sources);
    }

    /** All of a snapshot. */
    public static ReadOptions of(String id) {
        return new ReadOptions(id, List.of(), Set.of(), DEFAULT_CREDIT_BYTES);
    }

    /** Of these nodes alone. */
    public ReadOptions nodes(String... names) {
        return new ReadOptions(id, List.of(names), sources, creditBytes);
    }

    /** Of these sources alone. */
    public ReadOptions sources(ChunkSource... wanted) {
        return new ReadOptions(id, nodes, Set.of(wanted), creditBytes);
    }

    /** With so many bytes under way. */
    public ReadOptions credit(long bytes) {
        return new ReadOptions(id, nodes, sources, bytes);
    }
}
