package io.hindsight.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Workload;
import io.hindsight.api.WorkloadPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.KubernetesChange;
import io.hindsight.hub.testing.KubernetesChanges;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadQueryTest {
    private static Resolution resolution() {
        ResolutionBuilder builder = new ResolutionBuilder();
        for (String pod : List.of("web-1", "web-2", "db-1")) {
            Map<String, String> labels = Map.of("app", pod.substring(0, pod.indexOf('-')), "zone", "a");
            builder.kubernetesChange(
                    "n1",
                    KubernetesChanges.whole(
                            KubernetesChange.Kind.ADDED,
                            "Pod",
                            pod,
                            101,
                            KubernetesChanges.pod(pod, "10.1.0." + pod.length() + pod.charAt(0) % 10, 100, labels)));
        }
        builder.kubernetesChange("n1", KubernetesChanges.deleted("Pod", "web-2", 200));
        builder.kubernetesChange(
                "n1", KubernetesChanges.whole(KubernetesChange.Kind.KNOWN, "Node", "web-node", 90, Map.of()));
        return builder.build();
    }

    private static List<String> names(WorkloadQuery query) {
        return WorkloadPages.workloads(resolution(), query, List.of()).workloads().stream()
                .map(Workload::name)
                .toList();
    }

    private static WorkloadQuery query(
            List<String> namespaces,
            @Nullable String name,
            List<String> labels,
            List<String> types,
            @Nullable Long fromS,
            @Nullable Long toS,
            @Nullable Long atS) {
        return WorkloadQuery.of(
                namespaces, name, labels, types, instant(fromS), instant(toS), instant(atS), null, null);
    }

    private static @Nullable Instant instant(@Nullable Long second) {
        return second == null ? null : Instant.ofEpochSecond(second);
    }

    @Test
    void shouldCombineFilters() {
        assertThat(names(query(List.of(), null, List.of(), List.of(), null, null, null)))
                .containsExactly("web-node", "db-1", "web-1", "web-2");
        assertThat(names(query(List.of("shop"), "^w.*[12]$", List.of(), List.of(), null, null, null)))
                .containsExactly("web-1", "web-2");
        assertThat(names(query(List.of("x", "shop"), "1", List.of(), List.of("POD"), null, null, null)))
                .containsExactly("db-1", "web-1");
        assertThat(names(query(List.of(), null, List.of("zone", "app=db"), List.of(), null, null, null)))
                .containsExactly("db-1");
        assertThat(names(query(List.of(), null, List.of("app="), List.of(), null, null, null))).isEmpty();
        assertThat(names(query(List.of(), null, List.of(), List.of("Node", "Service"), null, null, null)))
                .containsExactly("web-node");
    }

    @Test
    void shouldFilterByTime() {
        List<String> pods = List.of("Pod");
        assertThat(names(query(List.of(), null, List.of(), pods, null, null, 199L))).contains("web-2");
        assertThat(names(query(List.of(), null, List.of(), pods, null, null, 200L))).doesNotContain("web-2");
        assertThat(names(query(List.of(), null, List.of(), pods, 200L, null, null))).doesNotContain("web-2");
        assertThat(names(query(List.of(), null, List.of(), pods, null, 100L, null))).isEmpty();
        assertThat(names(query(List.of(), null, List.of(), pods, 50L, 101L, null))).hasSize(3);
    }

    @Test
    void shouldPage() {
        WorkloadQuery query = WorkloadQuery.of(List.of(), null, List.of(), List.of(), null, null, null, 2, 1);
        WorkloadPage page = WorkloadPages.workloads(resolution(), query, List.of());

        assertThat(page.workloads()).extracting(Workload::name).containsExactly("db-1", "web-1");
        assertThat(page.total()).isEqualTo(4);
        assertThat(page.incomplete()).isNull();
        assertThat(page.workloads().getFirst().from()).isEqualTo(Instant.ofEpochSecond(100));
        assertThat(page.workloads().getFirst().to()).isNull();
        assertThat(WorkloadPages.addresses(resolution(), query, List.of()).total()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "a**",
                "(?=x)",
                "\\1",
                "((a{100}){100}){100}",
                "a{1001}",
                "(a{2}){501}",
                "[",
                "{9}{999999999}"
            })
    void shouldRefuseExpressionsThatCannotBeUsed(String name) {
        assertThatThrownBy(() -> query(List.of(), name, List.of(), List.of(), null, null, null))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(refused.field()).isEqualTo("name");
                        });
    }

    @Test
    void shouldMatchAnyExpressionInLinearTime() {
        NamePattern hostile = NamePattern.of("^(a|aa|a*)*(a|b?){30}(.*)*$x", "name");
        long startNs = System.nanoTime();
        assertThat(hostile.isIn("a".repeat(ObjectFields.MAX_TEXT_LENGTH))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        assertThatThrownBy(() -> WorkloadQuery.of(List.of(), null, List.of(), List.of(), null, null, null, 1_001, 0))
                .hasMessageContaining("limit");
        assertThatThrownBy(() -> query(List.of(), null, List.of("=x"), List.of(), null, null, null))
                .hasMessageContaining("label");
        assertThatThrownBy(() -> query(List.of(), null, List.of(), List.of(), 1L, null, 2L)).hasMessageContaining("at");
        assertThatThrownBy(() -> query(List.of(), "x".repeat(257), List.of(), List.of(), null, null, null))
                .hasMessageContaining("limit=256");
    }
}
