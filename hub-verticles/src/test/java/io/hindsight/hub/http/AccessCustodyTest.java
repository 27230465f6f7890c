package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CustodyEvent;
import io.hindsight.config.HubConfig;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not allowed is recorded, and cannot fill the log. */
final class AccessCustodyTest {
    private static final String AGENT = "agent-token-0123456789";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @Test
    void shouldRecordRefusalsOnceAndCountTheOthers() throws IOException {
        Path tokens =
                Files.writeString(folder.resolve("tokens"), "agent:" + AGENT + "\nalice:alice-token-0123456789\n");
        HubDouble hub = new HubDouble(vertx);
        HubConfig plain = HubConfig.withDefaults(folder, 0);
        HubConfig config =
                new HubConfig(
                        plain.snapshotDirectory(),
                        plain.host(),
                        0,
                        tokens,
                        plain.maxConcurrentSnapshots(),
                        plain.streamCredit(),
                        plain.syncInterval(),
                        plain.syncBytes(),
                        plain.reserveFree(),
                        plain.scrubRate(),
                        plain.scrubInterval(),
                        plain.tls(),
                        plain.insecure(),
                        plain.laneMemory(),
                        plain.nodePatience());
        try (TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS)) {
            for (int i = 0; i < 5; i++) {
                assertThat(api.get("/api/v1/snapshots/some-id/pcap").statusCode()).isEqualTo(401);
            }
            assertThat(
                            api.send("DELETE", "/api/v1/snapshots/some-id", null, "Authorization", "Bearer " + AGENT)
                                    .statusCode())
                    .isEqualTo(403);
            await().until(() -> hub.recorded.size() >= 2);
        }
        assertThat(hub.recorded).hasSize(2);
        CustodyEvent anonymous = hub.recorded.getFirst();
        assertThat(anonymous.who()).isEqualTo("anonymous");
        assertThat(anonymous.code()).isEqualTo("UNAUTHENTICATED");
        assertThat(anonymous.from()).isEqualTo("127.0.0.1");
        CustodyEvent agent = hub.recorded.getLast();
        assertThat(agent.who()).isEqualTo("agent");
        assertThat(agent.code()).isEqualTo("FORBIDDEN");
        assertThat(agent.snapshot()).isEqualTo("some-id");
        assertThat(agent.details()).containsEntry("method", "DELETE").containsEntry("passedOver", "4");
        assertThat(hub.recorded.toString()).doesNotContain(AGENT);
    }
}
