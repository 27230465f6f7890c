package io.hindsight.launcher;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server that gives canned answers where a Hub would give real ones, and remembers what it was asked. */
final class HubStub implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** What it was asked. */
    record Request(String line, String authorization, String body) {}

    /** Gives an answer. */
    interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    HubStub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Answers a request such as {@code GET /snapshots}, whatever its query. */
    HubStub on(String request, int status, String body) {
        return on(
                request,
                exchange -> {
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
    }

    HubStub on(String request, Answer answer) {
        answers.put(request, answer);
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().replaceFirst("^/api/v1", "");
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(
                new Request(
                        exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                        authorization == null ? "" : authorization,
                        body));
        answers.getOrDefault(exchange.getRequestMethod() + " " + path, HubStub::unknown).give(exchange);
    }

    private static void unknown(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(404, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
