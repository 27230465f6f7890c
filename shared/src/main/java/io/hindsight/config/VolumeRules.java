package io.hindsight.config;

import java.time.Duration;

/**
 * What holds for the snapshot volume as a whole. Nothing of it is in force unless it is set. Immutable; checked by {@link HubConfig}.
 *
 * @param quota bytes that snapshots may take altogether; 0: as many as there are
 * @param retainFor snapshots are deleted so long after they were sealed, unless they are locked; 0: never
 * @param retainBytes the oldest snapshots are deleted while all together take more, unless they are locked; 0: never
 */
public record VolumeRules(DataSize quota, Duration retainFor, DataSize retainBytes) {
    /** A hundred years. */
    public static final int MAX_RETAIN_DAYS = 36_500;

    /** Nothing in force. */
    public static final VolumeRules NONE = new VolumeRules(new DataSize(0), Duration.ZERO, new DataSize(0));

    /** Whether any snapshot is ever deleted by rule. */
    public boolean deletes() {
        return !retainFor.isZero() || retainBytes.bytes() > 0;
    }

    /** Notes what cannot be meant. */
    void check(ConfigProblems problems) {
        problems.check(quota.bytes() == 0 || quota.bytes() >= 1L << 20, "quota", "is 0 or at least 1Mi, got " + quota)
                .check(
                        retainFor.isZero() || (retainFor.toMillis() >= 60_000 && retainFor.toDays() <= MAX_RETAIN_DAYS),
                        "retain-for",
                        "is 0s, or 1 minute to 36500 days, got " + retainFor)
                .check(
                        retainBytes.bytes() == 0 || retainBytes.bytes() >= 1L << 20,
                        "retain-bytes",
                        "is 0 or at least 1Mi, got " + retainBytes);
    }
}
