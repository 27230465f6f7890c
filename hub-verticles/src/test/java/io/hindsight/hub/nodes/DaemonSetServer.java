package io.hindsight.hub.nodes;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Answers for one DaemonSet and its pods over real HTTP, in pages, as the API server does; can be away, and refuse. */
final class DaemonSetServer implements AutoCloseable {
    static final String NAME = "tools/hindsight-agent";
    private static final String UID = "11111111-2222";

    /** Paths with their queries. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    private final Vertx vertx = Vertx.vertx();
    private final List<JsonObject> pods = new CopyOnWriteArrayList<>();
    private @Nullable HttpServer server;
    private int port;
    private volatile int desired;
    private volatile int refusal;

    DaemonSetServer() {
        start();
    }

    void start() {
        HttpServer started =
                vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                        .requestHandler(this::answer)
                        .listen()
                        .await();
        server = started;
        port = started.actualPort();
    }

    void goAway() {
        if (server != null) {
            server.close().await();
        }
    }

    /** For a Hub's setting of that name. */
    Path kubeconfig(Path folder) {
        String text =
                """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: a-token}}]
                """
                        .formatted(port);
        try {
            return Files.writeString(folder.resolve("kubeconfig"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void refuse(int status) {
        refusal = status;
    }

    void desire(int nodes) {
        desired = nodes;
    }

    void clear() {
        pods.clear();
    }

    void add(JsonObject pod) {
        pods.add(pod);
    }

    /** A pod of the set that runs on the node. */
    static JsonObject running(String node) {
        return pod("agent-" + node, node)
                .put(
                        "status",
                        new JsonObject()
                                .put("phase", "Running")
                                .put(
                                        "containerStatuses",
                                        new JsonArray()
                                                .add(
                                                        new JsonObject()
                                                                .put("name", "agent")
                                                                .put(
                                                                        "state",
                                                                        new JsonObject(
                                                                                "{\"running\":{\"startedAt\":\"2026-11-25T10:00:00Z\"}}")))));
    }

    /** One that waits for the node. */
    static JsonObject pending(String node) {
        JsonObject affinity =
                new JsonObject(
                        """
                        {"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                          {"matchFields":[{"key":"metadata.name","operator":"In","values":["%s"]}]}]}}}
                        """
                                .formatted(node));
        JsonObject pod = pod("agent-" + node, "");
        pod.put("spec", new JsonObject().put("affinity", affinity));
        return pod.put(
                "status",
                new JsonObject(
                        """
                        {"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
                          "message":"0/3 nodes are available: 1 Insufficient memory."}]}
                        """));
    }

    private static JsonObject pod(String name, String node) {
        return new JsonObject()
                .put(
                        "metadata",
                        new JsonObject()
                                .put("name", name)
                                .put("creationTimestamp", "2026-11-25T09:00:00Z")
                                .put("ownerReferences", new JsonArray().add(new JsonObject().put("uid", UID))))
                .put("spec", new JsonObject().put("nodeName", node))
                .put("status", new JsonObject());
    }

    private void answer(HttpServerRequest request) {
        requests.add(request.uri());
        if (refusal != 0) {
            request.response()
                    .setStatusCode(refusal)
                    .end("{\"kind\":\"Status\",\"message\":\"daemonsets.apps is forbidden\"}");
        } else if (request.path().equals("/apis/apps/v1/namespaces/tools/daemonsets/hindsight-agent")) {
            request.response().end(daemonSet().encode());
        } else if (request.path().equals("/api/v1/namespaces/tools/pods")) {
            request.response().end(page(request).encode());
        } else {
            request.response().setStatusCode(404).end("{}");
        }
    }

    private JsonObject daemonSet() {
        JsonObject selector =
                new JsonObject(
                        """
                        {"matchLabels":{"app.kubernetes.io/name":"hindsight"},
                         "matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]}
                        """);
        return new JsonObject()
                .put("metadata", new JsonObject().put("uid", UID))
                .put("spec", new JsonObject().put("selector", selector))
                .put("status", new JsonObject().put("desiredNumberScheduled", desired));
    }

    private JsonObject page(HttpServerRequest request) {
        int from = request.getParam("continue") == null ? 0 : Integer.parseInt(request.getParam("continue"));
        int to = Math.min(pods.size(), from + Integer.parseInt(request.getParam("limit")));
        JsonObject metadata = new JsonObject();
        if (to < pods.size()) {
            metadata.put("continue", String.valueOf(to));
        }
        return new JsonObject().put("metadata", metadata).put("items", new JsonArray(pods.subList(from, to)));
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
