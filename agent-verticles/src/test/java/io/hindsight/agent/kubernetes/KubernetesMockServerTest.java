package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.TestPods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.kubernetes.ApiAccess;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the library's own API server in memory, over TLS, with what the kubelet gives to a pod: token and authority. */
class KubernetesMockServerTest {
    @TempDir Path serviceAccount;

    private final Vertx vertx = Vertx.vertx();
    private final SelectingDispatcher dispatcher = new SelectingDispatcher();
    private final KubernetesMockServer server =
            new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), dispatcher, true);
    private final RecordingSink sink = new RecordingSink(128 << 10, true);
    private HttpClient user;

    /** Leaves out field selectors, of which the mock knows only names, and keeps a log of requests. */
    private static final class SelectingDispatcher extends Dispatcher {
        private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher();
        private final List<String> paths = new CopyOnWriteArrayList<>();
        private final List<String> authorizations = new CopyOnWriteArrayList<>();

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            if (request.getPath().contains("fieldSelector")) {
                paths.add(request.getPath());
                authorizations.add(String.valueOf(request.getHeader("Authorization")));
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

    @BeforeEach
    void startServer() throws IOException {
        server.init();
        Files.writeString(serviceAccount.resolve("token"), "token-of-the-pod\n");
        Files.copy(Path.of(server.getSelfSignedCertificate().certificatePath()), serviceAccount.resolve("ca.crt"));
        user = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false));
    }

    @AfterEach
    void stopServer() {
        server.destroy();
        FakeApiServer.result(vertx.close());
    }

    private void ask(HttpMethod method, String path, JsonObject body) {
        Buffer answer =
                FakeApiServer.result(
                        user.request(method, server.getPort(), "localhost", "/api/v1/namespaces/" + path)
                                .compose(request ->
                                        request.putHeader("Content-Type", "application/json").send(body.toBuffer()))
                                .compose(response -> {
                                    assertThat(response.statusCode()).isBetween(200, 201);
                                    return response.body();
                                }));
        assertThat(answer.length()).isNotNegative();
    }

    private static JsonObject typed(JsonObject object) {
        JsonObject typed = new JsonObject().put("apiVersion", "v1").put("kind", "Pod").mergeIn(object);
        typed.getJsonObject("metadata").remove("managedFields");
        return typed;
    }

    @Test
    void shouldRecordPodsAsTheyComeAndGoAndAnAddressThatAnotherPodGets() {
        ask(HttpMethod.POST, "shop/pods", typed(pod("shop", "cart", "10.244.1.5")));
        Map<String, String> environment =
                Map.of(
                        "KUBERNETES_SERVICE_HOST",
                        "localhost",
                        "KUBERNETES_SERVICE_PORT",
                        Integer.toString(server.getPort()));
        EventsConfig events = new EventsConfig(OsEvents.OFF, KubernetesEvents.AUTO, null, false);
        Config access = ApiAccess.of(events, environment, serviceAccount).orElseThrow();
        try (KubernetesEventSource source =
                new KubernetesEventSource(
                        access, TestPods.NODE, false, vertx, WatchPace.DEFAULTS, InstantSource.system())) {
            source.start(sink);
            await().untilAsserted(() -> assertThat(source.problem()).isNull());
            await().until(() -> dispatcher.paths.size() == 2);
            ask(HttpMethod.POST, "shop/pods", typed(pod("shop", "checkout", "10.244.1.6")));
            await().until(() -> sink.changes().size() == 1);
            JsonObject ended = typed(pod("shop", "cart", "10.244.1.5"));
            ended.getJsonObject("status").put("phase", "Succeeded");
            ask(HttpMethod.PUT, "shop/pods/cart", ended);
            ask(HttpMethod.DELETE, "shop/pods/cart", new JsonObject());
            ask(HttpMethod.POST, "other/pods", typed(pod("other", "tenant", "10.244.1.5")));
            await().until(() -> sink.changes().size() == 4);
        }

        assertThat(sink.changes())
                .containsExactly(
                        "ADDED Pod shop/checkout",
                        "MODIFIED Pod shop/cart",
                        "DELETED Pod shop/cart",
                        "ADDED Pod other/tenant");
        assertThat(sink.recorded().subList(0, 3).stream().map(one -> one.fields().get("HINDSIGHT_CHECKPOINT")))
                .containsExactly("begin", "entry", "end");
        assertThat(sink.recorded().stream().map(RecordingSink.Recorded::timeNs)).isSorted();
        assertThat(sink.recorded()).allSatisfy(one -> assertThat(one.bytes()).doesNotContain(TestPods.MARKER));
        assertThat(dispatcher.paths)
                .as("a list and a watch")
                .hasSize(2)
                .allSatisfy(path ->
                        assertThat(path).startsWith("/api/v1/pods?fieldSelector=spec.nodeName%3D" + TestPods.NODE));
        assertThat(dispatcher.authorizations).containsOnly("Bearer token-of-the-pod");
    }
}
