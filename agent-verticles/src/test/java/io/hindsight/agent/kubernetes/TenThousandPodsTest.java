package io.hindsight.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class TenThousandPodsTest {
    private static final Logger LOG = LoggerFactory.getLogger(TenThousandPodsTest.class);
    private static final int PODS = 10_000;

    /** Measured: 2,300. All take less than a third of the agent's 96 MiB. */
    private static final long MAX_BYTES_PER_POD = 3_000;

    @Test
    void shouldHoldTenThousandPodsInBoundedMemory() {
        Vertx vertx = Vertx.vertx();
        try (FakeApiServer server = new FakeApiServer(vertx)) {
            for (int i = 0; i < PODS; i++) {
                server.put(
                        ResourceKind.POD,
                        large(
                                "ns-" + i % 50,
                                "workload-" + i + "-7f8b9c6d5-x" + i,
                                "10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256));
            }
            long with = usedWithAll(server, vertx);
            long bytesPerPod = (with - usedBytes()) / PODS;
            LOG.info("Kubernetes objects: bytes per pod={}", bytesPerPod);
            assertThat(bytesPerPod).as("retained for a pod").isBetween(500L, MAX_BYTES_PER_POD);
        } finally {
            FakeApiServer.result(vertx.close());
        }
    }

    /** In a method of its own: nothing holds the source when it has returned. */
    private static long usedWithAll(FakeApiServer server, Vertx vertx) {
        RecordingSink sink = new RecordingSink(128 << 10, false);
        Config access = KubernetesEventSourceTest.access(server.url());
        try (KubernetesEventSource source =
                new KubernetesEventSource(
                        access, TestPods.NODE, false, vertx, WatchPace.DEFAULTS, InstantSource.system())) {
            source.start(sink);
            await().until(() -> server.openWatches() == 1);
            assertThat(server.lists()).as("pages").isEqualTo(PODS / WatchPace.DEFAULTS.pageSize());
            assertThat(server.watchRequests()).isEqualTo(1);
            assertThat(sink.events()).as("checkpoint").isEqualTo(PODS + 2);
            server.delete(ResourceKind.POD, "ns-7", "workload-7-7f8b9c6d5-x7");
            await().until(() -> sink.events() == PODS + 3);
            assertThat(source.known().currentCount()).isEqualTo(PODS - 1);
            assertThat(told(source)).isEqualTo(PODS);
            return usedBytes();
        }
    }

    /** As much as real pods tell: 6 KiB, of which a part differs from pod to pod. */
    private static JsonObject large(String namespace, String name, String ip) {
        JsonObject pod = TestPods.pod(namespace, name, ip);
        JsonArray conditions = new JsonArray();
        for (String type :
                new String[] {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
            conditions.add(
                    new JsonObject()
                            .put("type", type)
                            .put("status", "True")
                            .put(
                                    "lastTransitionTime",
                                    "2026-11-22T21:00:0" + (name.length() + type.length()) % 10 + "Z"));
        }
        pod.getJsonObject("status").put("conditions", conditions).put("qosClass", "Burstable");
        JsonObject container = pod.getJsonObject("spec").getJsonArray("containers").getJsonObject(0);
        JsonArray mounts = new JsonArray();
        for (int i = 0; i < 6; i++) {
            mounts.add(new JsonObject().put("name", "volume-" + i).put("mountPath", "/var/lib/" + name + "/" + i));
        }
        container
                .put("volumeMounts", mounts)
                .put("imagePullPolicy", "IfNotPresent")
                .put("terminationMessagePath", "/dev/termination-log")
                .put(
                        "args",
                        new JsonArray()
                                .add("--listen=" + ip + ":8080")
                                .add("--name=" + name)
                                .add("--uid=" + TestPods.uid(name)))
                .put("resources", new JsonObject().put("limits", new JsonObject().put("memory", "512Mi")));
        for (int i = 0; i < 3; i++) {
            pod.getJsonObject("spec")
                    .getJsonArray("containers")
                    .add(
                            container
                                    .copy()
                                    .put("name", "sidecar-" + i)
                                    .put(
                                            "image",
                                            "registry.example/sidecar-"
                                                    + i
                                                    + "@sha256:"
                                                    + TestPods.containerId(name + i)));
            pod.getJsonObject("status")
                    .getJsonArray("containerStatuses")
                    .add(
                            new JsonObject()
                                    .put("name", "sidecar-" + i)
                                    .put("ready", true)
                                    .put("imageID", TestPods.containerId("i" + i))
                                    .put("containerID", "containerd://" + TestPods.containerId(name + i)));
        }
        return pod;
    }

    private static long told(KubernetesEventSource source) {
        long told = 0;
        String after = null;
        do {
            KnownObjectsAnswer page = source.known().page(new KnownObjectsRequest(after, 500));
            told += page.objects().size();
            after = page.next();
        } while (after != null);
        return told;
    }

    /** What is reachable: after collections that bring no more. */
    private static long usedBytes() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            ManagementFactory.getMemoryMXBean().gc();
            used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }
}
