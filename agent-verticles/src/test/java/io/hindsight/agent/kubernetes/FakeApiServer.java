package io.hindsight.agent.kubernetes;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the API server's list and watch protocol over real HTTP as far as the library's mock does not: pages, versions that are resumed from or have been forgotten, bookmarks, field selectors, answers
 * of the server's choice, and dying.
 */
final class FakeApiServer implements AutoCloseable {
    /** A request that came. */
    record Seen(long atNanos, String path, Map<String, String> query, String accept, String authorization) {
        boolean isWatch() {
            return "true".equals(query.get("watch"));
        }
    }

    private record Change(long version, String type, String path, JsonObject object) {}

    private record Watch(ServerWebSocket socket, String path) {}

    private final Vertx vertx;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private @Nullable HttpServer server;
    private int port;

    // Guarded by this.
    private final Map<String, Map<String, JsonObject>> objects = new HashMap<>();
    private final IdentityHashMap<JsonObject, String> items = new IdentityHashMap<>();
    private final List<Change> log = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final Map<String, Integer> statuses = new HashMap<>();
    private long version = 100;
    private long forgotten;
    private boolean goneAsStatus;
    private boolean pagesFromCache = true;

    FakeApiServer(Vertx vertx) {
        this.vertx = vertx;
        start();
    }

    void start() {
        HttpServer started = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port));
        started.requestHandler(this::handle);
        server = started;
        port = result(started.listen()).actualPort();
    }

    void stop() {
        result(Objects.requireNonNull(server).close());
        synchronized (this) {
            watches.clear();
        }
    }

    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    List<Seen> requests() {
        return seen;
    }

    long lists() {
        return seen.stream().filter(one -> !one.isWatch()).count();
    }

    long watchRequests() {
        return seen.stream().filter(Seen::isWatch).count();
    }

    synchronized int openWatches() {
        watches.removeIf(watch -> watch.socket().isClosed());
        return watches.size();
    }

    synchronized long version() {
        return version;
    }

    /** Makes or changes an object. */
    synchronized void put(ResourceKind kind, JsonObject object) {
        JsonObject copy = object.copy();
        JsonObject metadata = copy.getJsonObject("metadata");
        metadata.put("resourceVersion", Long.toString(++version));
        copy.put("kind", kind.kind()).put("apiVersion", kind.apiVersion());
        String key = metadata.getString("namespace", "") + "/" + metadata.getString("name");
        JsonObject before = collection(kind.path()).put(key, copy);
        tell(new Change(version, before == null ? "ADDED" : "MODIFIED", kind.path(), copy));
    }

    synchronized void delete(ResourceKind kind, String namespace, String name) {
        JsonObject object = Objects.requireNonNull(collection(kind.path()).remove(namespace + "/" + name)).copy();
        object.getJsonObject("metadata").put("resourceVersion", Long.toString(++version));
        tell(new Change(version, "DELETED", kind.path(), object));
    }

    private Map<String, JsonObject> collection(String path) {
        return objects.computeIfAbsent(path, none -> new TreeMap<>());
    }

    private void tell(Change change) {
        log.add(change);
        for (Watch watch : watches) {
            if (watch.path().equals(change.path())) {
                send(watch.socket(), change.type(), change.object());
            }
        }
    }

    /** Tells all watches how far they are. */
    synchronized void bookmark() {
        version++;
        JsonObject object =
                new JsonObject().put("metadata", new JsonObject().put("resourceVersion", Long.toString(version)));
        watches.forEach(watch -> send(watch.socket(), "BOOKMARK", object));
    }

    /** Forgets what happened until now: a watch from before is answered 410. */
    synchronized void forget(boolean asStatus) {
        forgotten = ++version;
        goneAsStatus = asStatus;
        log.clear();
    }

    /** Sends this to all watches. */
    synchronized void sendAll(String text) {
        watches.forEach(watch -> watch.socket().writeTextMessage(text));
    }

    synchronized void breakWatches() {
        watches.forEach(watch -> watch.socket().close());
        watches.clear();
    }

    /** Answers requests for this kind with a status; 0: as usual. */
    synchronized void answer(ResourceKind kind, int status) {
        statuses.put(kind.path(), status);
    }

    private synchronized void handle(HttpServerRequest request) {
        Map<String, String> query = new HashMap<>();
        request.params().forEach(query::put);
        seen.add(
                new Seen(
                        System.nanoTime(),
                        request.path(),
                        query,
                        request.getHeader("Accept"),
                        String.valueOf(request.getHeader("Authorization"))));
        int status = statuses.getOrDefault(request.path(), 0);
        if (status != 0) {
            refuse(request, status, "no " + request.path());
        } else if ("true".equals(query.get("watch"))) {
            watch(request, Long.parseLong(query.get("resourceVersion")));
        } else {
            list(request, query);
        }
    }

    private static void refuse(HttpServerRequest request, int code, String message) {
        request.response()
                .setStatusCode(code)
                .end(new JsonObject().put("kind", "Status").put("code", code).put("message", message).encode());
    }

    private void list(HttpServerRequest request, Map<String, String> query) {
        List<JsonObject> all = new ArrayList<>(collection(request.path()).values());
        String selector = query.getOrDefault("fieldSelector", "");
        if (selector.startsWith("spec.nodeName=")) {
            String node = selector.substring("spec.nodeName=".length());
            all.removeIf(object -> !node.equals(object.getJsonObject("spec").getString("nodeName")));
        }
        int from = Integer.parseInt(query.getOrDefault("continue", "0"));
        boolean cached = "0".equals(query.get("resourceVersion"));
        int limit = cached && !pagesFromCache ? all.size() : Integer.parseInt(query.get("limit"));
        int to = Math.min(all.size(), from + limit);
        JsonObject metadata = new JsonObject().put("resourceVersion", Long.toString(version));
        if (to < all.size()) {
            metadata.put("continue", Integer.toString(to));
        }
        String listed =
                all.subList(from, to).stream()
                        .map(object -> items.computeIfAbsent(object, FakeApiServer::item))
                        .collect(Collectors.joining(","));
        request.response().end("{\"kind\":\"List\",\"metadata\":" + metadata.encode() + ",\"items\":[" + listed + "]}");
    }

    /** In lists objects do not say what they are. */
    private static String item(JsonObject object) {
        JsonObject item = object.copy();
        item.remove("kind");
        item.remove("apiVersion");
        return item.encode();
    }

    private void watch(HttpServerRequest request, long from) {
        if (from < forgotten && goneAsStatus) {
            refuse(request, 410, "too old resource version");
            return;
        }
        String path = request.path();
        request.toWebSocket()
                .onSuccess(socket -> {
                    synchronized (this) {
                        if (from < forgotten) {
                            send(
                                    socket,
                                    "ERROR",
                                    new JsonObject()
                                            .put("kind", "Status")
                                            .put("code", 410)
                                            .put("message", "too old resource version"));
                            socket.close();
                            return;
                        }
                        for (Change change : log) {
                            if (change.version() > from && change.path().equals(path)) {
                                send(socket, change.type(), change.object());
                            }
                        }
                        watches.add(new Watch(socket, path));
                    }
                });
    }

    private static void send(ServerWebSocket socket, String type, JsonObject object) {
        socket.writeTextMessage(new JsonObject().put("type", type).put("object", object).encode());
    }

    /** Whether lists from the cache come in pages, as in newer servers. */
    synchronized void pagesFromCache(boolean pages) {
        pagesFromCache = pages;
    }

    static <T> T result(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
