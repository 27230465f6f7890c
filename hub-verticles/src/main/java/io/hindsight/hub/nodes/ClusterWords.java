package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Text that comes from the cluster, made fit for logs, answers and people: one line, bounded, without control characters, and no full stop at its end. */
final class ClusterWords {
    /** Longest text that is kept of one field, in characters. */
    static final int MAX_WORDS_LENGTH = 300;

    private ClusterWords() {}

    static String of(String text) {
        int end = Math.min(text.length(), MAX_WORDS_LENGTH);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        String clean = text.substring(0, end).replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\s\\u2028\\u2029]+", " ").strip();
        return end < text.length() ? clean + "…" : clean.replaceAll("\\.+$", "");
    }

    /** A field's text; empty where it is none. */
    static String of(JsonObject object, String field) {
        return object.getValue(field) instanceof String text ? of(text) : "";
    }

    /** {@code reason: message}, as far as there is one. */
    static String reasonAndMessage(@Nullable JsonObject object) {
        if (object == null) {
            return "";
        }
        String reason = of(object, "reason");
        String message = of(object, "message");
        return reason.isEmpty() || message.isEmpty() ? reason + message : reason + ": " + message;
    }
}
