package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.KubernetesObject.map;
import static io.hindsight.agent.kubernetes.KubernetesObject.text;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When an object came into its state, by the API server's clock: objects carry no time of their last change, so the newest time that they tell. */
final class ServerTimes {
    private ServerTimes() {}

    static @Nullable Instant of(KubernetesObject object) {
        Instant told = object.kind() == ResourceKind.EVENT ? ofEvent(object.json()) : null;
        return told != null ? told : newest(object.managed(), ofMetadata(object.metadata()));
    }

    /** An event's own times: of its last occurrence. Its metadata tell when it was written down. */
    private static @Nullable Instant ofEvent(Map<String, Object> event) {
        Instant newest = parse(text(event, "eventTime"));
        newest = newest(newest, parse(text(map(event, "series"), "lastObservedTime")));
        newest = newest(newest, parse(text(event, "deprecatedLastTimestamp")));
        return newest(newest, parse(text(event, "deprecatedFirstTimestamp")));
    }

    private static @Nullable Instant ofMetadata(Map<String, Object> metadata) {
        return newest(parse(text(metadata, "creationTimestamp")), deletionAsked(metadata));
    }

    /** {@code deletionTimestamp} is when the grace period ends: the deletion was asked for before. */
    private static @Nullable Instant deletionAsked(Map<String, Object> metadata) {
        Instant end = parse(text(metadata, "deletionTimestamp"));
        if (end == null || !(metadata.get("deletionGracePeriodSeconds") instanceof Number grace)) {
            return end;
        }
        return end.minusSeconds(Math.clamp(grace.longValue(), 0, Integer.MAX_VALUE));
    }

    static @Nullable Instant newest(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }

    /** Null where it is no time: what others wrote must not stop recording. */
    static @Nullable Instant parse(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeParseException noTime) {
            return null;
        }
    }
}
