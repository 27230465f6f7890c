package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.client.HubBridge;
import io.hindsight.client.HubBridgeOptions;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.HubClientContract;
import io.hindsight.hub.testing.ReadingProgram;
import io.hindsight.hub.testing.TestHub;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A program on another machine, whose own bus is joined to the Hub's. */
class BridgedHubClientTest extends HubClientContract {
    private static final String VIEWER = "a-viewers-token-0123456789";

    private @Nullable TestApi api;
    private @Nullable HubBridge bridge;

    @Override
    protected Vertx join(TestHub joined) {
        Vertx program = Vertx.vertx();
        TestApi opened = new TestApi(joined.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
        api = opened;
        bridge = get(HubBridge.connect(program, HubBridgeOptions.of(opened.uri("/"))));
        return program;
    }

    @Override
    protected void leave(Vertx joined) {
        joined.close().await();
    }

    private static HindsightException refusal(Future<?> future) {
        await().atMost(Duration.ofSeconds(20)).until(future::isComplete);
        assertThat(future.failed()).isTrue();
        return (HindsightException) future.cause();
    }

    @Test
    void shouldFailWhatIsUnderWayWhereTheConnectionBreaksAndConnectAnew() throws Exception {
        Snapshot snapshot = frozen();
        Reader reader = new Reader(client.chunks(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT)));
        reader.chunks().pause();
        reader.start();
        get(reader.chunks().opened());
        TestApi first = Objects.requireNonNull(api);
        int port = first.port();
        hub.vertx().undeploy(first.verticle().deploymentID()).await(20, TimeUnit.SECONDS);

        assertThat(reader.awaitFailure().code()).isEqualTo(ErrorCode.NOT_READY);
        awaitFreed(snapshot);
        HindsightException away = refusal(client.show(snapshot.id()));
        assertThat(away.code()).isEqualTo(ErrorCode.NOT_READY);
        assertThat(away).hasMessageContaining("no connection to hub=");

        api = new TestApi(hub.vertx(), onPort(port), HttpLimits.DEFAULTS);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(HindsightException.class)
                .until(() -> get(client.show(snapshot.id())).id().equals(snapshot.id()));
        assertThat(get(new ReadingProgram(vertx()).digests(snapshot)))
                .isEqualTo(get(new ReadingProgram(vertx()).sealedDigests(snapshot.id())));
    }

    private HubConfig onPort(int port) {
        HubConfig config = TestHub.config(folder, 32, 32L << 20);
        return new HubConfig(
                config.snapshotDirectory(),
                config.host(),
                port,
                null,
                config.maxConcurrentSnapshots(),
                config.streamCredit(),
                config.syncInterval(),
                config.syncBytes(),
                config.reserveFree(),
                config.scrubRate(),
                config.scrubInterval(),
                config.tls(),
                config.insecure(),
                config.laneMemory(),
                config.nodePatience());
    }

    @Test
    void shouldSayWhyItIsNotLetIn() throws IOException {
        Path tokens = Files.writeString(folder.resolveSibling("tokens"), "viewer:viewer:" + VIEWER + "\n");
        Path wrong = Files.writeString(folder.resolveSibling("wrong"), "another-token-0123456789\n");
        Path right = Files.writeString(folder.resolveSibling("right"), VIEWER + "\n");
        Snapshot snapshot = frozen();
        try (TestApi guarded =
                new TestApi(
                        hub.vertx(),
                        TestApi.withTokens(TestHub.config(folder, 32, 32L << 20), tokens),
                        HttpLimits.DEFAULTS)) {
            HubBridgeOptions options = HubBridgeOptions.of(guarded.uri("/"));
            Vertx program = Vertx.vertx();
            assertThat(refusal(HubBridge.connect(program, options)).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
            assertThat(refusal(HubBridge.connect(program, options.token(wrong))).code())
                    .isEqualTo(ErrorCode.UNAUTHENTICATED);

            HubBridge viewer = get(HubBridge.connect(program, options.token(right)));
            HubClient asViewer = new HubClient(program);
            assertThat(get(asViewer.show(snapshot.id())).id()).isEqualTo(snapshot.id());
            assertThat(refusal(asViewer.delete(snapshot.id())).code()).isEqualTo(ErrorCode.FORBIDDEN);
            HindsightException reading =
                    new Reader(asViewer.chunks(ReadOptions.of(snapshot.id()))).start().awaitFailure();
            assertThat(reading.code()).isEqualTo(ErrorCode.FORBIDDEN);
            get(viewer.close());
            assertThat(refusal(asViewer.show(snapshot.id())).code()).isEqualTo(ErrorCode.NOT_READY);
            program.close().await();
        }
    }

    @Test
    void shouldSayThatNobodyIsThere() {
        Vertx program = Vertx.vertx();
        HindsightException away =
                refusal(HubBridge.connect(program, HubBridgeOptions.of(URI.create("http://127.0.0.1:1"))));

        assertThat(away.code()).isEqualTo(ErrorCode.NOT_READY);
        assertThat(away).hasMessageContaining("http://127.0.0.1:1");
        program.close().await();
    }

    @Test
    void shouldNotSendATokenOverPlainHttpToAnotherMachine() {
        assertThatThrownBy(() -> HubBridgeOptions.of(URI.create("http://hub.example:8899")))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION));
        assertThat(bridge).isNotNull();
    }
}
