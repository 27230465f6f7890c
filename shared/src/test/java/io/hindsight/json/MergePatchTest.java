package io.hindsight.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergePatchTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final int MAX_DEPTH = 4;

    /** RFC 7386, section 2, word for word. */
    private static @Nullable Object apply(@Nullable Object target, @Nullable Object patch) {
        if (!(patch instanceof Map<?, ?> members)) {
            return patch;
        }
        Map<Object, @Nullable Object> result =
                target instanceof Map<?, ?> object ? new LinkedHashMap<>(object) : new LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (value == null) {
                result.remove(name);
            } else {
                result.put(name, apply(result.get(name), value));
            }
        });
        return result;
    }

    @Property(tries = 1_000)
    void shouldTurnBeforeIntoAfter(@ForAll long seed) {
        Random random = new Random(seed);
        Map<String, Object> before = object(random, 0);
        Map<String, Object> after = random.nextBoolean() ? object(random, 0) : changed(before, random);

        Map<String, @Nullable Object> patch = MergePatch.between(before, after);

        assertThat(apply(before, patch)).isEqualTo(after);
        assertThat(MergePatch.apply(before, patch)).isEqualTo(after);
        assertThat(patch.isEmpty()).isEqualTo(before.equals(after));
    }

    private static Map<String, Object> object(Random random, int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                object.put(name, value(random, depth));
            }
        }
        return object;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth < MAX_DEPTH ? 6 : 4)) {
            case 0 -> random.nextInt(3);
            case 1 -> NAMES.get(random.nextInt(NAMES.size()));
            case 2 -> random.nextBoolean();
            case 3 -> List.of(random.nextInt(2), NAMES.get(random.nextInt(NAMES.size())));
            default -> object(random, depth + 1);
        };
    }

    private static Map<String, Object> changed(Map<String, Object> before, Random random) {
        Map<String, Object> after = new LinkedHashMap<>(before);
        after.put(NAMES.get(random.nextInt(NAMES.size())), value(random, 0));
        return after;
    }

    @Test
    void shouldNameOnlyWhatChanged() {
        Map<String, Object> before = Map.of("x", Map.of("y", 1, "z", 2), "list", List.of(1), "gone", true, "same", "s");
        Map<String, Object> after =
                Map.of("x", Map.of("y", 1, "z", 3), "list", List.of(1, 2), "same", "s", "new", Map.of());

        Map<String, @Nullable Object> expected = new LinkedHashMap<>();
        expected.put("x", Map.of("z", 3));
        expected.put("list", List.of(1, 2));
        expected.put("gone", null);
        expected.put("new", Map.of());
        assertThat(MergePatch.between(before, after)).isEqualTo(expected);
    }
}
