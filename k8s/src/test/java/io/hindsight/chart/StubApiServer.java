package io.hindsight.chart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assertions;

/**
 * As much of an API server as Helm's {@code lookup} asks of one: which resources version 1 has, and secrets. One for all tests of this JVM, because Helm reads the environment, which
 * names its file, once.
 */
final class StubApiServer {
    private static final String RESOURCES =
            """
            {"kind":"APIResourceList","groupVersion":"v1","resources":[
              {"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["get","list"]}]}\
            """;
    private static final String NOT_FOUND =
            """
            {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}\
            """;

    private static final StubApiServer INSTANCE = new StubApiServer();

    private final Map<String, String> secrets = new ConcurrentHashMap<>();

    private StubApiServer() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.start();
            Path kubeconfig = Path.of("target/chart/kubeconfig").toAbsolutePath();
            Assertions.assertEquals(
                    kubeconfig.toString(), System.getenv("KUBECONFIG"), "k8s/pom.xml sets it for the tests");
            Files.createDirectories(kubeconfig.getParent());
            Files.writeString(
                    kubeconfig,
                    """
                    apiVersion: v1
                    kind: Config
                    current-context: stub
                    contexts: [{name: stub, context: {cluster: stub, user: stub}}]
                    clusters: [{name: stub, cluster: {server: "http://127.0.0.1:%d"}}]
                    users: [{name: stub, user: {}}]
                    """
                            .formatted(server.getAddress().getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It runs from here on, to the end of the JVM. */
    static StubApiServer running() {
        return INSTANCE;
    }

    /** From now on there is this secret, as JSON. */
    void put(String namespace, String name, String json) {
        secrets.put(path(namespace, name), json);
    }

    void remove(String namespace, String name) {
        secrets.remove(path(namespace, name));
    }

    private static String path(String namespace, String name) {
        return "/api/v1/namespaces/" + namespace + "/secrets/" + name;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String answer = path.equals("/api/v1") ? RESOURCES : secrets.get(path);
        byte[] body = (answer == null ? NOT_FOUND : answer).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
