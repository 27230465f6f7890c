package io.hindsight.hub.http;

import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Problem details (RFC 9457) of one failed request. Immutable.
 *
 * @param status of the answer: the code's, or a more exact one that HTTP has
 * @param code stable
 * @param detail whole sentence
 * @param field at fault, or null
 * @param instance id under which the log has more, or null
 * @param items what is wrong with each of several requests, as {@link BusFailures#items} writes it; empty where there was one
 */
record Problem(
        int status, ErrorCode code, String detail, @Nullable String field, @Nullable String instance, JsonArray items) {
    Problem(int status, ErrorCode code, String detail, @Nullable String field, @Nullable String instance) {
        this(status, code, detail, field, instance, new JsonArray());
    }

    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(HindsightException error) {
        return new Problem(
                error.code().httpStatus(),
                error.code(),
                String.valueOf(error.getMessage()),
                error.field(),
                null,
                BusFailures.items(error));
    }

    static Problem of(int status, ErrorCode code, String detail) {
        return new Problem(status, code, detail, null, null);
    }

    static Problem ofField(int status, ErrorCode code, String field, String detail) {
        return new Problem(status, code, detail, field, null);
    }

    /** What a caller is told of a defect; the log has the rest under the id. */
    static Problem unexpected(String id) {
        return new Problem(
                500,
                ErrorCode.INTERNAL,
                "An unexpected failure; the Hub's log has it under id=" + id + ".",
                null,
                "urn:uuid:" + id);
    }

    JsonObject toJson() {
        JsonObject json =
                new JsonObject()
                        .put("type", "urn:hindsight:error:" + code.name())
                        .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                        .put("status", status)
                        .put("detail", detail)
                        .put("code", code.name())
                        .put("retryable", code.retryable());
        if (field != null) {
            json.put("field", field);
        }
        if (!items.isEmpty()) {
            json.put("items", items);
        }
        return instance == null ? json : json.put("instance", instance);
    }
}
