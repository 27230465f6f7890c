package io.hindsight.hub.snapshot;

import io.hindsight.api.RetentionPlan;
import io.hindsight.api.RetentionPlan.Candidate;
import io.hindsight.api.RetentionQuery;
import io.hindsight.api.Snapshot;
import io.hindsight.config.DataSize;
import io.hindsight.config.VolumeRules;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Which snapshots rules of retention mean: those that were sealed too long ago, and the oldest while all together take too much. Never one that is locked, and never
 * one whose manifest cannot be read: nobody knows how old that is. Stateless.
 *
 * @param retainFor zero: no rule by age
 * @param retainBytes 0: no rule by size
 */
record RetentionRules(Duration retainFor, long retainBytes) {
    static final String BY_AGE = "retain-for";
    static final String BY_SIZE = "retain-bytes";
    static final int MAX_DUE = 1_000;
    static final int MAX_NEXT = 10;

    static RetentionRules of(VolumeRules rules) {
        return new RetentionRules(rules.retainFor(), rules.retainBytes().bytes());
    }

    /** Those in force, with what somebody would like to try in their place. */
    RetentionRules with(RetentionQuery query) {
        return new RetentionRules(
                query.retainFor() == null
                        ? retainFor
                        : asked("retainFor", query.retainFor(), RetentionRules::age, "0s to 36500d, such as 30d"),
                query.retainBytes() == null
                        ? retainBytes
                        : asked("retainBytes", query.retainBytes(), DataSize::parse, "a size such as 20Gi").bytes());
    }

    private static <T> T asked(String field, String text, Function<String, T> parser, String rule) {
        try {
            return parser.apply(text);
        } catch (HindsightException | ArithmeticException unreadable) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST, field, field + " is " + rule + ", got \"" + text + "\".");
        }
    }

    private static Duration age(String text) {
        Duration age = Durations.parse(text);
        if (age.isNegative() || age.toDays() > VolumeRules.MAX_RETAIN_DAYS) {
            throw new ArithmeticException(text);
        }
        return age;
    }

    /** What they mean now. */
    RetentionPlan plan(List<Snapshot> onVolume, ToLongFunction<String> bytesOf, Instant now, boolean inForce) {
        long total = onVolume.stream().mapToLong(snapshot -> bytesOf.applyAsLong(snapshot.id())).sum();
        List<Snapshot> locked = onVolume.stream().filter(snapshot -> isLocked(snapshot, now)).toList();
        List<Snapshot> free =
                onVolume.stream()
                        .filter(snapshot -> snapshot.state().sealed() && !isLocked(snapshot, now))
                        .sorted(Comparator.comparing(RetentionRules::sealedAt).thenComparing(Snapshot::id))
                        .toList();
        Map<String, Candidate> due = new LinkedHashMap<>();
        long left = total;
        for (Snapshot snapshot : free) {
            long bytes = bytesOf.applyAsLong(snapshot.id());
            boolean tooOld = !retainFor.isZero() && !expiry(snapshot).isAfter(now);
            boolean tooMuch = retainBytes > 0 && left > retainBytes;
            if (tooOld || tooMuch) {
                left -= bytes;
                due.put(snapshot.id(), candidate(snapshot, bytes, tooOld ? BY_AGE : BY_SIZE, now));
            }
        }
        return new RetentionPlan(
                Durations.format(retainFor),
                retainBytes,
                inForce,
                onVolume.size(),
                total,
                locked.size(),
                locked.stream().mapToLong(snapshot -> bytesOf.applyAsLong(snapshot.id())).sum(),
                due.values().stream().limit(MAX_DUE).toList(),
                next(free, due, bytesOf, now),
                retainBytes == 0 ? 0 : Math.max(0, left - retainBytes));
    }

    private List<Candidate> next(
            List<Snapshot> free, Map<String, Candidate> due, ToLongFunction<String> bytesOf, Instant now) {
        List<Candidate> next = new ArrayList<>();
        for (Snapshot snapshot : free) {
            if (!retainFor.isZero() && !due.containsKey(snapshot.id()) && next.size() < MAX_NEXT) {
                next.add(candidate(snapshot, bytesOf.applyAsLong(snapshot.id()), BY_AGE, now));
            }
        }
        return next;
    }

    private Candidate candidate(Snapshot snapshot, long bytes, String rule, Instant now) {
        return new Candidate(
                snapshot.id(),
                snapshot.name(),
                bytes,
                sealedAt(snapshot),
                rule,
                rule.equals(BY_AGE) ? expiry(snapshot) : now);
    }

    private Instant expiry(Snapshot snapshot) {
        return sealedAt(snapshot).plus(retainFor);
    }

    private static Instant sealedAt(Snapshot snapshot) {
        return Objects.requireNonNullElse(snapshot.endedAt(), snapshot.createdAt());
    }

    private static boolean isLocked(Snapshot snapshot, Instant now) {
        return snapshot.lockUntil() != null && now.isBefore(snapshot.lockUntil());
    }
}
