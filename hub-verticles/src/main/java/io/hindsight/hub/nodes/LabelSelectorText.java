package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A selector as a DaemonSet has it, in the words of a list's {@code labelSelector}. Stateless. */
final class LabelSelectorText {
    private LabelSelectorText() {}

    static String of(JsonObject selector) {
        Stream<String> labels = PodJson.object(selector, "matchLabels").stream().map(LabelSelectorText::label);
        Stream<String> expressions = PodJson.objects(selector, "matchExpressions").map(LabelSelectorText::expression);
        return Stream.concat(labels, expressions).sorted().collect(Collectors.joining(","));
    }

    private static String label(Map.Entry<String, Object> label) {
        return label.getKey() + "=" + label.getValue();
    }

    private static String expression(JsonObject expression) {
        String key = expression.getString("key", "");
        String values =
                PodJson.values(expression, "values").map(String::valueOf).collect(Collectors.joining(",", " (", ")"));
        return switch (expression.getString("operator", "")) {
            case "In" -> key + " in" + values;
            case "NotIn" -> key + " notin" + values;
            case "DoesNotExist" -> "!" + key;
            default -> key; // Exists
        };
    }
}
