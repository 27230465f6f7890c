package io.hindsight.api;

import java.util.List;

/**
 * What a verification found: every byte of every file was read, every checksum and digest computed anew.
 *
 * @param id the snapshot
 * @param intact whether nothing was found
 * @param files files read
 * @param chunks sound chunks
 * @param bytes bytes read
 * @param merkleRoot as computed, hex
 * @param durationMs how long it took
 * @param violationCount how many violations there are, those included that are not told
 * @param violations what is wrong: the first 100, file by file
 */
public record VerifyReport(
        String id,
        boolean intact,
        int files,
        long chunks,
        long bytes,
        String merkleRoot,
        long durationMs,
        long violationCount,
        List<Violation> violations) {
    public VerifyReport {
        violations = List.copyOf(violations);
    }
}
