package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.TestPods.MARKER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ObjectReaderTest {
    private static KubernetesObject read(ResourceKind kind, JsonObject json) {
        try {
            return read(kind, json.encode().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static KubernetesObject read(ResourceKind kind, byte[] json) throws IOException {
        try (JsonParser parser = ObjectReader.parser(json)) {
            parser.nextToken();
            return new ObjectReader().read(kind, parser);
        }
    }

    @Test
    void shouldLeaveOutEnvironmentManagedFieldsAndWhatRepeatsThem() {
        JsonObject pod = TestPods.pod("shop", "cart", "10.244.1.5");
        JsonObject container = pod.getJsonObject("spec").getJsonArray("containers").getJsonObject(0).copy();
        pod.getJsonObject("spec")
                .put("initContainers", new JsonArray().add(container))
                .put("ephemeralContainers", new JsonArray().add(container));

        KubernetesObject read = read(ResourceKind.POD, pod);

        assertThat(read.json().toString())
                .doesNotContain(MARKER)
                .doesNotContain("env=[")
                .doesNotContain("managedFields");
        assertThat(read.json().keySet()).startsWith("apiVersion", "kind");
        Map<String, Object> metadata = read.metadata();
        assertThat(KubernetesObject.map(metadata, "labels")).containsEntry("env", "production");
        assertThat(metadata.get("annotations")).isEqualTo(Map.of("checksum/config", "abc"));
        assertThat(read.managed()).isEqualTo(Instant.parse("2026-11-22T21:00:07Z"));
        assertThat(read.serverTime()).isEqualTo(Instant.parse("2026-11-22T21:00:07Z"));
        assertThat(read.json().toString()).as("null members").doesNotContain("lastState");
    }

    @Test
    void shouldTakeTheTimeAtWhichDeletionWasAskedFor() {
        JsonObject pod = TestPods.pod("shop", "cart", "10.244.1.5");
        pod.getJsonObject("metadata")
                .put("deletionTimestamp", "2026-11-22T22:00:30Z")
                .put("deletionGracePeriodSeconds", 30);

        assertThat(read(ResourceKind.POD, pod).serverTime()).isEqualTo(Instant.parse("2026-11-22T22:00:00Z"));
    }

    @Test
    void shouldTakeAnEventsOwnTime() {
        JsonObject event =
                new JsonObject()
                        .put("metadata", new JsonObject().put("creationTimestamp", "2026-11-22T21:00:00Z"))
                        .put("eventTime", "2026-11-22T20:59:59.123456Z")
                        .put("series", new JsonObject().put("lastObservedTime", "2026-11-22T20:59:59.9Z"));

        assertThat(read(ResourceKind.EVENT, event).serverTime()).isEqualTo(Instant.parse("2026-11-22T20:59:59.9Z"));
        assertThat(read(ResourceKind.EVENT, event.put("eventTime", "yesterday").putNull("series")).serverTime())
                .isEqualTo(Instant.parse("2026-11-22T21:00:00Z"));
    }

    @Test
    void shouldKeepOfOwnersMetadataAlone() {
        JsonObject spec = new JsonObject().put("template", new JsonObject().put("x", MARKER));
        JsonObject deployment =
                new JsonObject()
                        .put("kind", "PartialObjectMetadata")
                        .put("spec", spec)
                        .put("metadata", new JsonObject().put("name", "cart"));

        assertThat(read(ResourceKind.DEPLOYMENT, deployment).json())
                .isEqualTo(Map.of("apiVersion", "apps/v1", "kind", "Deployment", "metadata", Map.of("name", "cart")));
    }

    @Test
    void shouldKeepOfThePodWhatNamesResolveBy() {
        KubernetesObject pod = read(ResourceKind.POD, TestPods.pod("shop", "cart", "10.244.1.5"));

        Map<String, Object> slim = SlimForm.of(ResourceKind.POD, pod.json());

        assertThat(slim).containsOnlyKeys("apiVersion", "kind", "metadata", "spec", "status");
        assertThat(KubernetesObject.map(slim, "metadata"))
                .containsOnlyKeys("name", "namespace", "uid", "creationTimestamp", "labels", "ownerReferences");
        assertThat(KubernetesObject.map(slim, "spec")).containsOnlyKeys("nodeName", "containers");
        assertThat(KubernetesObject.map(slim, "status").get("containerStatuses"))
                .isEqualTo(
                        List.of(Map.of("name", "app", "containerID", "containerd://" + TestPods.containerId("cart"))));
    }

    /** Whatever comes is read or refused, and never holds what must not be kept. */
    @Property(tries = 500)
    void shouldReadOrRefuseAnyBytes(@ForAll long seed) {
        byte[] json = TestPods.pod("shop", "cart", "10.244.1.5").encode().getBytes(StandardCharsets.UTF_8);
        byte[] mutated = Mutations.mutate(json, new Random(seed));
        try {
            KubernetesObject read = read(ResourceKind.POD, mutated);
            assertThat(read.kind()).isEqualTo(ResourceKind.POD);
            ServerTimes.of(read);
            SlimForm.of(ResourceKind.POD, read.json());
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
    }

    @Test
    void shouldRefuseWhatIsNestedTooDeep() {
        byte[] deep = ("{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(ResourceKind.POD, deep)).isInstanceOf(IOException.class);
    }
}
