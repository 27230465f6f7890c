package io.hindsight.hub.store;

/**
 * A node's files, whole and on disk.
 *
 * @param data the data file
 * @param index its index
 * @param counts what the data file holds
 */
public record NodeFile(Manifest.File data, Manifest.File index, FileCounts counts) {}
