package io.hindsight.hub.snapshot;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.random.RandomGenerator;

/** Makes ids such as {@code 20261122-211004-7f3k2q}: they sort by time, can be read out, and cannot be guessed. Thread-safe. */
final class SnapshotIds {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
    private static final String BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int RANDOM_LENGTH = 6;

    private final RandomGenerator random;

    SnapshotIds(RandomGenerator random) {
        this.random = random;
    }

    String next(Instant now) {
        StringBuilder id = new StringBuilder(timePart(now)).append('-');
        for (int i = 0; i < RANDOM_LENGTH; i++) {
            id.append(BASE_32.charAt(random.nextInt(BASE_32.length())));
        }
        return id.toString();
    }

    static String timePart(Instant time) {
        return TIME.format(time);
    }
}
