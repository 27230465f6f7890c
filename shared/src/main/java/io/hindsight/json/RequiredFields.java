package io.hindsight.json;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Checks a JSON object against a record before it is mapped: components that are not {@link Nullable} must be there. A mapper would put
 * null into them, and the failure would come far from its cause. Primitive components are 0 or false where absent.
 */
final class RequiredFields {
    private RequiredFields() {}

    static void check(JsonObject json, Class<?> type) {
        if (type.isRecord()) {
            check(json, type, "");
        }
    }

    private static void check(JsonObject json, Class<?> type, String path) {
        for (RecordComponent component : type.getRecordComponents()) {
            String field = path + component.getName();
            Object value = json.getValue(component.getName());
            if (value == null) {
                requireOptional(component, field);
            } else {
                checkInside(value, component.getGenericType(), field);
            }
        }
    }

    private static void requireOptional(RecordComponent component, String field) {
        boolean optional =
                component.getType().isPrimitive() || component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        if (!optional) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, "The field " + field + " is missing.");
        }
    }

    private static void checkInside(Object value, Type type, String field) {
        if (value instanceof JsonObject object && type instanceof Class<?> target && target.isRecord()) {
            check(object, target, field + ".");
        }
        if (value instanceof JsonArray array
                && type instanceof ParameterizedType list
                && list.getRawType() instanceof Class<?> raw
                && Collection.class.isAssignableFrom(raw)) {
            for (int i = 0; i < array.size(); i++) {
                Object element = array.getValue(i);
                String name = field + "[" + i + "]";
                if (element == null) {
                    throw HindsightException.ofField(
                            ErrorCode.INVALID_REQUEST, name, "The entry " + name + " is null.");
                }
                checkInside(element, list.getActualTypeArguments()[0], name);
            }
        }
    }
}
