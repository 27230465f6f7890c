package io.hindsight.api;

import java.time.Instant;
import java.util.List;

/**
 * What rules of retention would delete. Showing it deletes nothing.
 *
 * @param retainFor the rule by age; {@code 0s}: none
 * @param retainBytes the rule by size; 0: none
 * @param inForce whether these are the Hub's own settings, and at least one is set: then what is due goes
 * @param snapshots on the volume
 * @param bytes that they take
 * @param locked of them
 * @param lockedBytes that those take
 * @param due what goes now, in this order; at most 1,000
 * @param next what goes next by age, the earliest first; at most 10
 * @param overBytes that remain above {@code retainBytes} when all that is due has gone: the rest is locked or not readable
 */
public record RetentionPlan(
        String retainFor,
        long retainBytes,
        boolean inForce,
        int snapshots,
        long bytes,
        int locked,
        long lockedBytes,
        List<Candidate> due,
        List<Candidate> next,
        long overBytes) {
    public RetentionPlan {
        due = List.copyOf(due);
        next = List.copyOf(next);
    }

    /**
     * A snapshot that a rule means.
     *
     * @param id of the snapshot
     * @param name of the snapshot
     * @param bytes that it takes
     * @param sealedAt when it was sealed
     * @param rule {@code retain-for} or {@code retain-bytes}
     * @param dueAt since when, or from when on, the rule means it
     */
    public record Candidate(String id, String name, long bytes, Instant sealedAt, String rule, Instant dueAt) {}
}
