package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The table of values in the chart's README has every value with its default, in the order of values.yaml, and nothing else. */
class ChartDocumentTest {
    private static final Pattern PROJECT_VERSION =
            Pattern.compile("<artifactId>hindsight</artifactId>\\s*<version>([^<-]+)(?:-SNAPSHOT)?</version>");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| `([^`]*)` \\| .+ \\|");

    @Test
    void shouldDocumentEveryValueWithItsDefault() throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        String yaml = Files.readString(HelmChart.FOLDER.resolve("values.yaml"));
        leaves("", YamlTree.map(new Load(LoadSettings.builder().build()).loadFromString(yaml)), values);
        assertThat(documented()).containsExactlyEntriesOf(values);
    }

    /** The image is found by the chart's appVersion. */
    @Test
    void shouldHaveTheVersionOfTheProgram() throws IOException {
        Matcher version = PROJECT_VERSION.matcher(Files.readString(Path.of("../pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(Files.readAllLines(HelmChart.FOLDER.resolve("Chart.yaml")))
                .contains("version: " + version.group(1), "appVersion: " + version.group(1));
    }

    /** Of resources and the like the README shows the whole. */
    private static void leaves(String prefix, Map<String, Object> from, Map<String, String> to) {
        from.forEach((name, value) -> {
            boolean whole = name.equals("resources") || name.equals("labels");
            if (value instanceof Map<?, ?> map && !map.isEmpty() && !whole) {
                leaves(prefix + name + ".", YamlTree.map(map), to);
            } else {
                to.put(prefix + name, Json.encode(value));
            }
        });
    }

    private static Map<String, String> documented() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(HelmChart.FOLDER.resolve("README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(row.group(1), row.group(2));
            }
        }
        return rows;
    }
}
