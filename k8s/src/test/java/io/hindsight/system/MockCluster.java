package io.hindsight.system;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** The library's API server in memory, spoken with over HTTP, by the program and by curl. */
final class MockCluster implements AutoCloseable {
    static final String NODE = "node-a";

    private final SelectingDispatcher dispatcher = new SelectingDispatcher();
    private final KubernetesMockServer server =
            new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), dispatcher, false);

    /** Leaves out field selectors, of which the mock knows only names. */
    private static final class SelectingDispatcher extends Dispatcher {
        private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher();
        private final AtomicInteger watches = new AtomicInteger();

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            if (request.getPath().contains("watch=")) {
                watches.incrementAndGet();
            }
            return objects.dispatch(
                    new RecordedRequest(
                            request.getHttpVersion(),
                            request.method(),
                            request.getPath().replaceAll("fieldSelector=[^&]*&?", ""),
                            request.getHeaders(),
                            request.getBody()));
        }
    }

    MockCluster() {
        server.init();
    }

    /** How to reach it, in kubectl's format. */
    Path kubeconfig(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve("kubeconfig"),
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "http://localhost:%d"}}]
                users: [{name: u, user: {token: t-1}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """
                        .formatted(server.getPort()));
    }

    /** How often somebody began to watch. */
    int watches() {
        return dispatcher.watches.get();
    }

    /** Makes a pod that runs on the node. */
    void create(String namespace, String name, String address) {
        send("POST", namespace + "/pods", pod(namespace, name, address));
    }

    void delete(String namespace, String name) {
        send("DELETE", namespace + "/pods/" + name, new JsonObject());
    }

    private static JsonObject pod(String namespace, String name, String address) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new JsonObject()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put(
                        "metadata",
                        new JsonObject()
                                .put("namespace", namespace)
                                .put("name", name)
                                .put("uid", UUID.randomUUID().toString())
                                .put("creationTimestamp", now)
                                .put("labels", new JsonObject().put("app", name)))
                .put(
                        "spec",
                        new JsonObject()
                                .put("nodeName", NODE)
                                .put("containers", new JsonArray().add(new JsonObject().put("name", "main"))))
                .put(
                        "status",
                        new JsonObject()
                                .put("phase", "Running")
                                .put("startTime", now)
                                .put("podIP", address)
                                .put("podIPs", new JsonArray().add(new JsonObject().put("ip", address))));
    }

    private void send(String method, String path, JsonObject body) {
        Tools.run(
                        "curl",
                        "-sS",
                        "--fail-with-body",
                        "-X",
                        method,
                        "-H",
                        "Content-Type: application/json",
                        "--data-binary",
                        body.encode(),
                        "http://localhost:" + server.getPort() + "/api/v1/namespaces/" + path)
                .succeeded();
    }

    @Override
    public void close() {
        server.destroy();
    }
}
