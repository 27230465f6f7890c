package io.hindsight.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes' API server for single questions: a few objects, a review. Over fabric8's client on this program's Vert.x. Thread-safe; answers come on the caller's context.
 * It holds the client strongly as long as it is used.
 */
public final class KubernetesApi implements AutoCloseable {
    /** The longest answer, in bytes. */
    public static final int MAX_ANSWER_LENGTH = 8 << 20;

    private static final long TIMEOUT_S = 10;

    private final Vertx vertx;
    private final HttpClient client;
    private final String address;

    /** Connects to nothing yet. */
    public KubernetesApi(Vertx vertx, Config config) {
        this.vertx = vertx;
        this.client = new Vertx5HttpClientFactory(vertx).newBuilder(config).build();
        String master = config.getMasterUrl();
        this.address = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
    }

    /**
     * What the API server said.
     *
     * @param status of HTTP
     * @param body an object of Kubernetes: what was asked for, or a {@code Status} with a {@code message}
     */
    public record Answer(int status, JsonObject body) {
        /** Whether it is what was asked for. */
        public boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    /** For people: {@code https://10.96.0.1:443}. */
    public String address() {
        return address;
    }

    /**
     * Reads.
     *
     * @param path with its query, from {@code /api} or {@code /apis} on
     * @return fails with UPSTREAM_UNREACHABLE where there is no answer, or none that can be read
     */
    public Future<Answer> get(String path) {
        return send(request(path).build());
    }

    /** Sends an object; else as {@link #get}. */
    public Future<Answer> post(String path, JsonObject object) {
        return send(request(path).post("application/json", object.encode()).build());
    }

    private HttpRequest.Builder request(String path) {
        return client.newHttpRequestBuilder()
                .uri(URI.create(address + path))
                .header("Accept", "application/json")
                .timeout(TIMEOUT_S, TimeUnit.SECONDS);
    }

    private Future<Answer> send(HttpRequest request) {
        Context caller = vertx.getOrCreateContext();
        Promise<Answer> promise = Promise.promise();
        BoundedBody body = new BoundedBody(MAX_ANSWER_LENGTH);
        var _ =
                client.consumeBytes(request, body)
                        .thenCompose(head -> whole(head, body))
                        .whenComplete((answer, failure) ->
                                caller.runOnContext(back -> {
                                    if (failure == null) {
                                        promise.complete(answer);
                                    } else {
                                        promise.fail(unreachable(failure));
                                    }
                                }));
        return promise.future();
    }

    private static java.util.concurrent.CompletableFuture<Answer> whole(
            HttpResponse<AsyncBody> head, BoundedBody body) {
        head.body().consume();
        return head.body().done().thenApply(ended -> new Answer(head.code(), json(body)));
    }

    private static JsonObject json(BoundedBody body) {
        if (body.isTooLong()) {
            throw new DecodeException("its answer is longer than limit=" + MAX_ANSWER_LENGTH + " bytes");
        }
        String text = new String(body.toBytes(), StandardCharsets.UTF_8);
        return text.isBlank() ? new JsonObject() : object(text);
    }

    /** Without the parser's words: they quote the answer, and a review's answer holds the token that it is about. */
    private static JsonObject object(String text) {
        try {
            if (Json.decodeValue(text) instanceof JsonObject object) {
                return object;
            }
        } catch (DecodeException quotesTheAnswer) {
            throw new DecodeException("its answer is not JSON");
        }
        throw new DecodeException("its answer is no JSON object");
    }

    private HindsightException unreachable(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        @Nullable String words = cause == null ? null : cause.getMessage();
        return new HindsightException(
                ErrorCode.UPSTREAM_UNREACHABLE,
                "The API server at "
                        + address
                        + " gives no answer: "
                        + (words == null ? String.valueOf(cause) : words)
                        + ".",
                failure);
    }

    @Override
    public void close() {
        client.close();
    }
}
