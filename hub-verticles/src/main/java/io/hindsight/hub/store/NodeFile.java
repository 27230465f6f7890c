package io.hindsight.hub.store;

/**
 * A node's files, on disk.
 *
 * @param data the data file
 * @param index its index
 * @param counts what the data file holds
 * @param holdings which chunks it holds, and why a chunk, and all after it, were not taken
 */
public record NodeFile(Manifest.File data, Manifest.File index, FileCounts counts, FileHoldings holdings) {}
