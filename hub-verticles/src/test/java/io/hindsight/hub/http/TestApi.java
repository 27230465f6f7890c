package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Authenticators;
import io.hindsight.hub.bridge.BridgeLimits;
import io.hindsight.hub.export.ExportService;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.link.LinkLimits;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.nodes.NodeRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Response;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP API on a real port, asked by a real client; every answer is held against the contract. */
final class TestApi implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final HttpVerticle verticle;
    private final LaneTokens laneTokens = new LaneTokens();
    private final ExportService exports;
    private final ApiContract contract;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestApi(Vertx vertx, HubConfig config, HttpLimits limits) {
        this(
                vertx,
                config,
                limits,
                new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR),
                LinkLimits.DEFAULTS);
    }

    TestApi(Vertx vertx, HubConfig config, HttpLimits limits, LinkRegistry registry, LinkLimits linkLimits) {
        this(vertx, config, limits, registry, linkLimits, Authenticators::of, BridgeLimits.DEFAULTS);
    }

    /** Which asks these who a caller is. */
    TestApi(Vertx vertx, HubConfig config, HttpLimits limits, List<Authenticator> authenticators) {
        this(
                vertx,
                config,
                limits,
                new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR),
                LinkLimits.DEFAULTS,
                (own, same, reloads) -> authenticators,
                BridgeLimits.DEFAULTS);
    }

    /** With other bounds on programs at the bridge. */
    TestApi(Vertx vertx, HubConfig config, HttpLimits limits, BridgeLimits bridgeLimits) {
        this(
                vertx,
                config,
                limits,
                new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR),
                LinkLimits.DEFAULTS,
                Authenticators::of,
                bridgeLimits);
    }

    private TestApi(
            Vertx vertx,
            HubConfig config,
            HttpLimits limits,
            LinkRegistry registry,
            LinkLimits linkLimits,
            HttpVerticle.AuthenticatorSource authenticators,
            BridgeLimits bridgeLimits) {
        this.vertx = vertx;
        this.exports = new ExportService(vertx, limits.maxExports(), limits.stallTimeout());
        this.verticle =
                new HttpVerticle(
                        config,
                        limits,
                        registry,
                        linkLimits,
                        exports,
                        new HubMetrics(),
                        laneTokens,
                        "1.2.3-test",
                        authenticators,
                        bridgeLimits);
        vertx.deployVerticle(verticle).await();
        this.contract = ApiContract.load(vertx).await();
    }

    /** The same with this token file. */
    static HubConfig withTokens(HubConfig config, Path tokens) {
        return with(config, tokens, config.tls());
    }

    /** The same with this token file and TLS. */
    static HubConfig with(HubConfig config, @Nullable Path tokens, TlsFiles tls) {
        return new HubConfig(
                config.snapshotDirectory(),
                config.host(),
                config.port(),
                tokens,
                config.maxConcurrentSnapshots(),
                config.streamCredit(),
                config.syncInterval(),
                config.syncBytes(),
                config.reserveFree(),
                config.scrubRate(),
                config.scrubInterval(),
                tls,
                config.insecure(),
                config.laneMemory(),
                config.nodePatience(),
                config.volume(),
                config.access(),
                config.cluster(),
                config.tcpBridgePort());
    }

    int port() {
        return verticle.port();
    }

    /** What the Hub's sessions would issue. */
    LaneTokens laneTokens() {
        return laneTokens;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    HttpResponse<byte[]> get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    HttpResponse<byte[]> post(String path, String json, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return send("POST", path, json, all);
    }

    HttpResponse<byte[]> send(String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .timeout(PATIENCE)
                        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            requireContract(method, URI.create(path).getPath(), response);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Not held against the contract. */
    HttpResponse<InputStream> raw(String path, String... headers) {
        try {
            return client.send(
                    HttpRequest.newBuilder(uri(path)).headers(headers).build(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Fails where the answer is not what the contract says of this operation. */
    private void requireContract(String method, String path, HttpResponse<byte[]> response) {
        Operation operation = contract.contract().findOperation(path, HttpMethod.valueOf(method));
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        if (response.statusCode() >= 400 && !path.startsWith("/health/")) {
            requireProblem(method, response);
        }
        if (operation == null) {
            return;
        }
        Response declared = operation.getResponse(response.statusCode());
        assertThat(declared != null || response.statusCode() >= 400)
                .as("status %d of %s", response.statusCode(), operation.getOperationId())
                .isTrue();
        if (response.body().length > 0) {
            requireSchema(operation, response);
        }
    }

    private static void requireProblem(String method, HttpResponse<byte[]> response) {
        if (!method.equals("HEAD")) {
            assertThat(type(response)).isEqualTo("application/problem+json");
            assertThat(problem(response).getInteger("status")).isEqualTo(response.statusCode());
            assertThat(problem(response).getString("detail"))
                    .doesNotContain("\n")
                    .doesNotContain("io.hindsight.")
                    .doesNotContain("Exception");
        }
    }

    private void requireSchema(Operation operation, HttpResponse<byte[]> response) {
        if (!type(response).endsWith("json")) {
            return;
        }
        Map<String, String> headers = new HashMap<>();
        Response declared = operation.getResponse(response.statusCode());
        if (declared != null) {
            declared.getHeaders()
                    .forEach(header ->
                            response.headers()
                                    .firstValue(header.getName())
                                    .ifPresent(value -> headers.put(header.getName(), value)));
        }
        ResponseValidator.create(vertx, contract.contract())
                .validate(
                        ValidatableResponse.create(
                                response.statusCode(),
                                headers,
                                Buffer.buffer(response.body()),
                                ApiContract.knownType(type(response))),
                        operation.getOperationId())
                .await();
    }

    static String type(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    static JsonObject json(HttpResponse<byte[]> response) {
        return new JsonObject(Buffer.buffer(response.body()));
    }

    static JsonObject problem(HttpResponse<byte[]> response) {
        return json(response);
    }

    /** The answer is this problem. */
    static void assertProblem(HttpResponse<byte[]> response, int status, String code, @Nullable String field) {
        assertThat(response.statusCode()).as(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(problem(response).getString("code")).isEqualTo(code);
        assertThat(problem(response).getString("field")).as(problem(response).encode()).isEqualTo(field);
    }

    HttpVerticle verticle() {
        return verticle;
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        client.shutdownNow();
        vertx.undeploy(verticle.deploymentID()).await();
        exports.close();
    }
}
