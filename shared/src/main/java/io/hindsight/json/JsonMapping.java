package io.hindsight.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
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

    /**
     * The JSON object as a record.
     *
     * @throws HindsightException INVALID_REQUEST naming the field, where one is missing or does not fit
     */
    public static <T> T fromJson(JsonObject json, Class<T> type) {
        RequiredFields.check(json, type);
        try {
            return MAPPER.readValue(json.encode(), type);
        } catch (JsonMappingException e) {
            throw unfit(type, path(e), e);
        } catch (JsonProcessingException e) {
            throw unfit(type, "", e);
        }
    }

    private static HindsightException unfit(Class<?> type, String field, JsonProcessingException cause) {
        // What a record's own constructor found says more than the mapper.
        if (cause.getCause() instanceof HindsightException refusal) {
            return refusal;
        }
        String message = "Not a valid " + type.getSimpleName() + ": " + cause.getOriginalMessage();
        return field.isEmpty()
                ? new HindsightException(ErrorCode.INVALID_REQUEST, message, cause)
                : HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, field + ": " + message);
    }

    /** As {@link RequiredFields} writes it: {@code nodes[2].gaps[0].from}. */
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }
}
