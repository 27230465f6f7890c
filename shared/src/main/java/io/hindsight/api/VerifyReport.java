package io.hindsight.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found: every byte of every file was read, every checksum and digest computed anew.
 *
 * @param id the snapshot
 * @param intact whether nothing was found
 * @param files files read
 * @param chunks chunks checked
 * @param bytes bytes read
 * @param merkleRoot as computed, hex
 * @param durationMs how long it took
 * @param violations what is wrong, at most 100, in file order
 */
public record VerifyReport(
        String id,
        boolean intact,
        int files,
        long chunks,
        long bytes,
        String merkleRoot,
        long durationMs,
        List<Violation> violations) {
    public VerifyReport {
        violations = List.copyOf(violations);
    }

    /**
     * One thing that is wrong.
     *
     * @param file name within the snapshot's folder
     * @param chunk number in the file from 0, where one can be named
     * @param offset byte offset in the file, where one can be named
     * @param detail whole sentence
     */
    public record Violation(String file, @Nullable Long chunk, @Nullable Long offset, String detail) {}
}
