package io.hindsight.hub.store;

import io.hindsight.error.HindsightException;
import org.jspecify.annotations.Nullable;

/**
 * A node's files, on disk.
 *
 * @param data the data file
 * @param index its index
 * @param counts what the data file holds
 * @param refusal why a chunk, and all after it, were not taken; null where all were
 */
public record NodeFile(
        Manifest.File data, Manifest.File index, FileCounts counts, @Nullable HindsightException refusal) {}
