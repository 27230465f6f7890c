package io.hindsight.agent.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Pods as an API server tells of them. */
final class TestPods {
    /** Stands in the environment, and wherever tools repeat it; must never be recorded. */
    static final String MARKER = "s3cr3t-marker";

    static final String NODE = "node-1";

    private TestPods() {}

    static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    static String containerId(String name) {
        return (uid(name) + uid("2" + name)).replace("-", "");
    }

    /** A pod that runs on {@link #NODE}, with all that real ones have. */
    static JsonObject pod(String namespace, String name, String ip) {
        JsonObject env = new JsonObject().put("name", "PASSWORD").put("value", MARKER);
        String applied = "{\"spec\":{\"containers\":[{\"env\":[{\"value\":\"" + MARKER + "\"}]}]}}";
        return new JsonObject()
                .put(
                        "metadata",
                        new JsonObject()
                                .put("name", name)
                                .put("namespace", namespace)
                                .put("uid", uid(namespace + "/" + name))
                                .put("creationTimestamp", "2026-11-22T21:00:00Z")
                                .put("labels", new JsonObject().put("app", name).put("env", "production"))
                                .put(
                                        "annotations",
                                        new JsonObject()
                                                .put("kubectl.kubernetes.io/last-applied-configuration", applied)
                                                .put("tool.example/original", applied)
                                                .put("checksum/config", "abc"))
                                .put(
                                        "ownerReferences",
                                        new JsonArray()
                                                .add(
                                                        new JsonObject()
                                                                .put("apiVersion", "apps/v1")
                                                                .put("kind", "ReplicaSet")
                                                                .put("name", name + "-rs")
                                                                .put("uid", uid("rs" + name))
                                                                .put("controller", true)))
                                .put(
                                        "managedFields",
                                        new JsonArray()
                                                .add(
                                                        new JsonObject()
                                                                .put("manager", "kubelet")
                                                                .put("time", "2026-11-22T21:00:07Z")
                                                                .put(
                                                                        "fieldsV1",
                                                                        new JsonObject()
                                                                                .put("time", "2099-01-01T00:00:00Z")))))
                .put(
                        "spec",
                        new JsonObject()
                                .put("nodeName", NODE)
                                .put("restartPolicy", "Always")
                                .put("serviceAccountName", "default")
                                .put(
                                        "containers",
                                        new JsonArray()
                                                .add(
                                                        new JsonObject()
                                                                .put("name", "app")
                                                                .put("image", "registry.example/" + name + ":1.2.3")
                                                                .put("env", new JsonArray().add(env))
                                                                .put(
                                                                        "envFrom",
                                                                        new JsonArray()
                                                                                .add(
                                                                                        new JsonObject()
                                                                                                .put("prefix", MARKER)))
                                                                .put(
                                                                        "ports",
                                                                        new JsonArray()
                                                                                .add(
                                                                                        new JsonObject()
                                                                                                .put(
                                                                                                        "containerPort",
                                                                                                        8080))))))
                .put(
                        "status",
                        new JsonObject()
                                .put("phase", "Running")
                                .put("podIP", ip)
                                .put("podIPs", new JsonArray().add(new JsonObject().put("ip", ip)))
                                .put(
                                        "containerStatuses",
                                        new JsonArray()
                                                .add(
                                                        new JsonObject()
                                                                .put("name", "app")
                                                                .put("restartCount", 0)
                                                                .put("containerID", "containerd://" + containerId(name))
                                                                .putNull("lastState"))));
    }
}
