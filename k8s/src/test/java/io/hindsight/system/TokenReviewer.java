package io.hindsight.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** An API server that reviews tokens and nothing else, in the test's own process. */
final class TokenReviewer implements AutoCloseable {
    private static final String AUDIENCE = "hindsight";

    private final HttpServer server;
    private final Map<String, JsonObject> users = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> verbs = new ConcurrentHashMap<>();

    TokenReviewer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/apis/authentication.k8s.io/v1/tokenreviews", exchange -> answer(exchange, this::whose));
        server.createContext(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews", exchange -> answer(exchange, this::access));
        server.start();
    }

    /** How to reach it, in kubectl's format. */
    Path kubeconfig(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve("kubeconfig"),
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: u, user: {token: t-1}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """
                        .formatted(server.getAddress().getPort()));
    }

    /** A token of a user who may do this. */
    String user(String name, String... allowed) {
        verbs.put(name, Set.of(allowed));
        return token(new JsonObject().put("username", name));
    }

    /** A token of a service account in a pod on this node. */
    String agent(String account, String node) {
        return token(
                new JsonObject()
                        .put("username", "system:serviceaccount:" + account.replace('/', ':'))
                        .put(
                                "extra",
                                new JsonObject()
                                        .put("authentication.kubernetes.io/node-name", new JsonArray().add(node))));
    }

    private String token(JsonObject user) {
        JsonObject claims =
                new JsonObject()
                        .put("aud", new JsonArray().add(AUDIENCE))
                        .put("exp", Instant.now().plusSeconds(3_600).getEpochSecond())
                        .put("jti", users.size());
        String token = base64("{\"alg\":\"RS256\"}") + "." + base64(claims.encode()) + "." + base64("signature");
        users.put(token, user);
        return token;
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private JsonObject whose(JsonObject review) {
        JsonObject spec = review.getJsonObject("spec");
        JsonObject user = users.get(spec.getString("token"));
        JsonObject status = new JsonObject().put("authenticated", user != null);
        return review.put(
                "status",
                user == null ? status : status.put("user", user).put("audiences", spec.getJsonArray("audiences")));
    }

    private JsonObject access(JsonObject review) {
        JsonObject spec = review.getJsonObject("spec");
        String verb = spec.getJsonObject("resourceAttributes").getString("verb");
        boolean allowed = verbs.getOrDefault(spec.getString("user"), Set.of()).contains(verb);
        return review.put("status", new JsonObject().put("allowed", allowed));
    }

    private static void answer(HttpExchange exchange, UnaryOperator<JsonObject> reviewer) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            byte[] answer = reviewer.apply(new JsonObject(body)).encode().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
