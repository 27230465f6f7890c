package io.hindsight.bridge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What the other side says of a failure, made fit for a log: one line, bounded, without control characters. */
public final class HubWords {
    private static final int MAX_LENGTH = 500;
    private static final int MAX_CAUSES = 10;
    private static final int MAX_BODY_BYTES = 64 << 10;

    private HubWords() {}

    /** A text. */
    public static String of(String words) {
        String bounded = words.length() > MAX_LENGTH ? words.substring(0, MAX_LENGTH) + "…" : words;
        return bounded.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }

    /** Why there is no connection: what is wrong with a certificate lies behind the failure of the handshake. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; depth < MAX_CAUSES && cause.getCause() != null; depth++) {
            cause = cause.getCause();
        }
        return of(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    }

    /** Why the Hub did not open the link: the detail of its problem document (RFC 9457), else its status. */
    public static String of(UpgradeRejectedException refused) {
        String detail = detail(refused.getBody());
        String status = "HTTP status " + refused.getStatus();
        return detail == null ? status : of(detail) + " (" + status + ")";
    }

    private static @Nullable String detail(@Nullable Buffer body) {
        if (body == null || body.length() == 0 || body.length() > MAX_BODY_BYTES) {
            return null;
        }
        try {
            JsonObject problem = new JsonObject(body.toString());
            return problem.getValue("detail") instanceof String words ? words : null;
        } catch (DecodeException notAProblem) {
            return body.toString();
        }
    }
}
