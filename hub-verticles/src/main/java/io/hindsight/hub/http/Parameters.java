package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatedRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a validated request says. */
final class Parameters {
    private Parameters() {}

    static ValidatedRequest of(RoutingContext context) {
        return context.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
    }

    /** {@code {"id": …}}, as the bus takes it. */
    static JsonObject id(RoutingContext context) {
        return new JsonObject().put("id", snapshotId(context));
    }

    static String snapshotId(RoutingContext context) {
        RequestParameter id = of(context).getPathParameters().get("id");
        if (id == null || id.isNull()) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, "id", "The path names no snapshot.");
        }
        return id.getString();
    }

    static @Nullable String text(RoutingContext context, String name) {
        RequestParameter value = of(context).getQuery().get(name);
        // The validator reads "123" as a number where the schema does not forbid it.
        return value == null || value.isNull() ? null : String.valueOf(value.get());
    }

    static @Nullable Integer number(RoutingContext context, String name) {
        RequestParameter value = of(context).getQuery().get(name);
        return value == null || value.isNull() ? null : value.getInteger();
    }

    /** Absent, false. */
    static boolean flag(RoutingContext context, String name) {
        RequestParameter value = of(context).getQuery().get(name);
        return value != null && !value.isNull() && value.getBoolean();
    }

    static @Nullable Instant time(RoutingContext context, String name) {
        String text = context.queryParams().get(name);
        return text == null ? null : timeOf(name, text);
    }

    static Instant timeOf(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST, name, "The parameter " + name + " is no time: " + e.getMessage() + ".");
        }
    }

    /** Each value of a parameter that may be repeated; none where it is absent. */
    static List<String> each(RoutingContext context, String name) {
        return context.queryParams().getAll(name);
    }

    /** The parts between commas; none where it is absent. */
    static List<String> names(RoutingContext context, String name) {
        String text = context.queryParams().get(name);
        return text == null ? List.of() : List.of(text.split(","));
    }
}
