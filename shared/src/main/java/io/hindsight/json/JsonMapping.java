package io.hindsight.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.json.JsonObject;

/**
 * Records to JSON and back. Times are ISO 8601 in UTC with nanoseconds; absent values are left out; unknown fields are ignored, so that a
 * peer one minor version ahead is understood. Thread-safe.
 */
public final class JsonMapping {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(
                            SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
                            SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .serializationInclusion(JsonInclude.Include.NON_NULL)
                    .build();

    private JsonMapping() {}

    /** The record as a JSON object. */
    public static JsonObject toJson(Object record) {
        try {
            return new JsonObject(MAPPER.writeValueAsString(record));
        } catch (JsonProcessingException e) {
            throw new HindsightException(
                    ErrorCode.INTERNAL, "Cannot write " + record.getClass().getSimpleName() + " as JSON.", e);
        }
    }

    /** The JSON object as a record; one that does not fit is {@link ErrorCode#INVALID_REQUEST} and names the field. */
    public static <T> T fromJson(JsonObject json, Class<T> type) {
        try {
            return MAPPER.readValue(json.encode(), type);
        } catch (JsonProcessingException e) {
            throw new HindsightException(
                    ErrorCode.INVALID_REQUEST,
                    "Not a valid " + type.getSimpleName() + ": " + e.getOriginalMessage(),
                    e);
        }
    }
}
