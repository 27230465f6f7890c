package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Namespace;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The plain manifests: what the chart renders with {@code manifests/values.yaml}, and what kubectl makes of them. */
class ManifestsTest {
    private static final Path FOLDER = Path.of("manifests");
    private static final String NAMESPACE = "hindsight";
    private static final String HEADER =
            """
            # Rendered from k8s/chart with k8s/manifests/values.yaml. Do not edit: change those, then
            #   ./mvnw verify -pl k8s -am -DskipITs -Dtest=ManifestsTest -Dhindsight.manifests=write
            """;

    @Test
    void shouldBeWhatTheChartRenders() throws IOException {
        String values = Files.readString(FOLDER.resolve("values.yaml"));
        new GoldenFile(FOLDER.resolve("hindsight.yaml"), "hindsight.manifests")
                .assertIs(HEADER + withoutHelm(HelmChart.text(NAMESPACE, values)));
    }

    /** Nobody who uses these manages them with Helm. */
    private static String withoutHelm(String text) {
        return text.lines()
                .filter(line -> !line.contains("app.kubernetes.io/managed-by:") && !line.contains("helm.sh/chart:"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void shouldBeBuiltByKubectl() throws IOException {
        String built = Tools.run("kubectl", "kustomize", FOLDER.toString()).succeeded().stdout();
        RenderedChart chart = RenderedChart.parse(built);
        Namespace namespace = chart.get(Namespace.class, NAMESPACE);
        assertThat(namespace.getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "privileged");
        List<Map<String, Object>> rendered =
                RenderedChart.parse(Files.readString(FOLDER.resolve("hindsight.yaml"))).raw();
        assertThat(sorted(chart.raw().stream().filter(object -> !"Namespace".equals(object.get("kind"))).toList()))
                .isEqualTo(sorted(rendered));
    }

    private static List<Map<String, Object>> sorted(List<Map<String, Object>> objects) {
        return objects.stream().sorted(Comparator.comparing(YamlTree::title)).toList();
    }
}
