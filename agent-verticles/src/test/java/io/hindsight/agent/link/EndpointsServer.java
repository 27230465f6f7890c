package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;

import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An API server's endpoints of a namespace over real HTTPS: lists, watches, refusals, and a log of who asked. The library's mock blocks its event loop for 10 s when a
 * watch is closed.
 */
final class EndpointsServer implements AutoCloseable {
    static final String NAMESPACE = "tools";
    static final String SERVICE = "hindsight-hub";
    private static final String ALL = "/api/v1/namespaces/" + NAMESPACE + "/endpoints";

    /** Lists of endpoints: with which token. */
    final List<String> lists = new CopyOnWriteArrayList<>();

    final AtomicInteger watches = new AtomicInteger();
    final AtomicInteger openWatches = new AtomicInteger();

    private final Vertx vertx = Vertx.vertx();
    private final Path serviceAccount;
    private final HttpServer server;
    private volatile int refusal;
    private volatile boolean refusesWatches;
    private volatile @Nullable JsonObject endpoints;

    /** Starts at once; a port other than 0 is taken. The authority is a file of the service account. */
    EndpointsServer(Path authority, Pem own, Path serviceAccount, int port) {
        this.serviceAccount = serviceAccount;
        write("ca.crt", read(authority));
        server =
                result(
                        vertx.createHttpServer(
                                        new HttpServerOptions()
                                                .setHost("127.0.0.1")
                                                .setPort(port)
                                                .setSsl(true)
                                                .setKeyCertOptions(
                                                        new PemKeyCertOptions()
                                                                .setCertPath(own.certificate().toString())
                                                                .setKeyPath(own.key().toString())))
                                .requestHandler(this::answer)
                                .listen());
        showToken("token-of-the-pod");
    }

    private void answer(HttpServerRequest request) {
        boolean watch = "true".equals(request.getParam("watch"));
        if (!request.path().equals(ALL)) {
            request.response().setStatusCode(404).end();
        } else if (watch) {
            watch(request);
        } else {
            lists.add(String.valueOf(request.getHeader("Authorization")));
            list(request);
        }
    }

    private void watch(HttpServerRequest request) {
        watches.incrementAndGet();
        if (refusesWatches) {
            request.response().setStatusCode(403).end();
            return;
        }
        request.toWebSocket()
                .onSuccess(socket -> {
                    openWatches.incrementAndGet();
                    socket.closeHandler(closed -> openWatches.decrementAndGet());
                });
    }

    private void list(HttpServerRequest request) {
        if (refusal != 0) {
            request.response()
                    .setStatusCode(refusal)
                    .end("{\"kind\":\"Status\",\"message\":\"endpoints is forbidden: agents may not\"}");
            return;
        }
        JsonObject other =
                new JsonObject()
                        .put("metadata", new JsonObject().put("name", "other"))
                        .put("subsets", new JsonArray().add(subset("addresses", List.of("127.0.0.9"), 1)));
        JsonArray items = new JsonArray().add(other);
        JsonObject own = endpoints;
        if (own != null) {
            items.add(own);
        }
        request.response()
                .end(
                        new JsonObject()
                                .put("kind", "EndpointsList")
                                .put("metadata", new JsonObject().put("resourceVersion", "1234"))
                                .put("items", items)
                                .encode());
    }

    /** What the kubelet puts into the agent's pod. */
    void showToken(String token) {
        write("token", token + "\n");
    }

    private void write(String name, String text) {
        try {
            Files.writeString(serviceAccount.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, String> environment() {
        return environment(server.actualPort());
    }

    static Map<String, String> environment(int port) {
        return Map.of("KUBERNETES_SERVICE_HOST", "localhost", "KUBERNETES_SERVICE_PORT", Integer.toString(port));
    }

    /** Answers every list with this status; 0: as it should. */
    void refuse(int status) {
        refusal = status;
    }

    void refuseWatches() {
        refusesWatches = true;
    }

    /** The service has these addresses and ports from now on. */
    void set(String key, List<String> addresses, Integer... ports) {
        put(subset(key, addresses, ports));
    }

    /** As the endpoints controller writes a service that selects no pod. */
    void setNone() {
        put(null);
    }

    private static JsonObject subset(String key, List<String> addresses, Integer... ports) {
        JsonArray all = new JsonArray();
        addresses.forEach(address -> all.add(new JsonObject().put("ip", address)));
        JsonArray numbers = new JsonArray();
        List.of(ports).forEach(port -> numbers.add(new JsonObject().put("port", port)));
        return new JsonObject().put(key, all).put("ports", numbers);
    }

    private void put(@Nullable JsonObject subset) {
        JsonObject changed = new JsonObject().put("metadata", new JsonObject().put("name", SERVICE));
        if (subset != null) {
            changed.put("subsets", new JsonArray().add(subset));
        }
        endpoints = changed;
    }

    @Override
    public void close() {
        result(vertx.close());
    }
}
