package io.hindsight.json;

import io.hindsight.time.EpochNanos;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes records of any type with random content; components that may be null are, half the time. */
final class RandomRecords {
    private static final int MAX_SIZE = 3;
    private static final int MAX_CODE_UNIT = 0xD7FF;

    private final RandomGenerator random;

    RandomRecords(RandomGenerator random) {
        this.random = random;
    }

    <T> T make(Class<T> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        @Nullable Object[] values = Arrays.stream(components).map(this::value).toArray();
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Cannot make a " + type, e);
        }
    }

    private @Nullable Object value(RecordComponent component) {
        boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        return optional && random.nextBoolean() ? null : value(component.getGenericType());
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            return generic.getRawType() == List.class ? list(last) : map(last);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return make(plain);
        }
        if (plain.isEnum()) {
            Object[] constants = plain.getEnumConstants();
            return constants[random.nextInt(constants.length)];
        }
        return simple(plain);
    }

    private Object simple(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "String", "Object" -> text();
            case "Instant" -> instant();
            case "long", "Long" -> random.nextLong();
            case "int", "Integer" -> random.nextInt();
            case "double" -> random.nextDouble(-1e12, 1e12);
            case "boolean", "Boolean" -> random.nextBoolean();
            default -> throw new AssertionError("No values of type " + type);
        };
    }

    private Instant instant() {
        return EpochNanos.toInstant(random.nextLong());
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(20); length > 0; length--) {
            text.append((char) random.nextInt(MAX_CODE_UNIT));
        }
        return text.toString();
    }

    private List<Object> list(Type elementType) {
        List<Object> list = new ArrayList<>();
        for (int size = random.nextInt(MAX_SIZE + 1); size > 0; size--) {
            list.add(value(elementType));
        }
        return list;
    }

    private Map<String, Object> map(Type valueType) {
        Map<String, Object> map = new HashMap<>();
        for (int size = random.nextInt(MAX_SIZE + 1); size > 0; size--) {
            map.put(text(), value(valueType));
        }
        return map;
    }
}
