package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.Root;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart's dashboard asks for metrics that a Hub has, by labels that they have. */
class DashboardIT {
    private static final Path DASHBOARD = Path.of("chart/dashboards/hindsight.json");
    private static final Pattern METRIC = Pattern.compile("\\b(?:hindsight|jvm)_\\w+");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");
    private static final Pattern SELECTOR = Pattern.compile("(\\w+)(?:=~|=)\"");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? \\S+");

    /** Put to each sample by Prometheus itself. */
    private static final String INSTANCE = "instance";

    @TempDir private Path directory = Path.of(".");

    @Test
    void shouldAskForMetricsThatTheHubHas() throws IOException {
        Root.require("packet sockets");
        try (RunningHub hub = RunningHub.start(directory.resolve("data"))) {
            Map<String, Set<String>> metrics =
                    labelsByMetric(new Api(null, hub.url()).request("GET", "/metrics").body());
            for (String expression : expressions()) {
                check(expression, metrics);
            }
        }
    }

    private static void check(String expression, Map<String, Set<String>> metrics) {
        Set<String> labels = new TreeSet<>(Set.of(INSTANCE));
        Matcher names = METRIC.matcher(expression);
        int count = 0;
        while (names.find()) {
            count++;
            assertThat(metrics).as(expression).containsKey(names.group());
            labels.addAll(metrics.getOrDefault(names.group(), Set.of()));
        }
        assertThat(count).as("metrics in %s", expression).isPositive();
        assertThat(labels).as(expression).containsAll(usedLabels(expression));
    }

    private static Set<String> usedLabels(String expression) {
        Set<String> labels = new TreeSet<>();
        GROUPING.matcher(expression)
                .results()
                .forEach(found -> labels.addAll(Arrays.asList(found.group(1).split(", *", -1))));
        SELECTOR.matcher(expression).results().forEach(found -> labels.add(found.group(1)));
        return labels;
    }

    private static Set<String> expressions() throws IOException {
        Set<String> expressions = new TreeSet<>();
        for (Object panel : new JsonObject(Files.readString(DASHBOARD)).getJsonArray("panels")) {
            for (Object target : ((JsonObject) panel).getJsonArray("targets", new JsonArray())) {
                expressions.add(((JsonObject) target).getString("expr"));
            }
        }
        assertThat(expressions).hasSizeGreaterThan(20);
        return expressions;
    }

    private static Map<String, Set<String>> labelsByMetric(String text) {
        Map<String, Set<String>> metrics = new HashMap<>();
        text.lines()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .forEach(sample -> {
                    Set<String> labels = metrics.computeIfAbsent(sample.group(1), added -> new TreeSet<>());
                    if (sample.group(2) != null) {
                        SELECTOR.matcher(sample.group(2)).results().forEach(found -> labels.add(found.group(1)));
                    }
                });
        return metrics;
    }
}
