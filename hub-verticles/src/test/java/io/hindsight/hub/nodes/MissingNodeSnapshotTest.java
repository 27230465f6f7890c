package io.hindsight.hub.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CapturePolicy;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.config.ClusterConfig;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that should have been in a snapshot is never silently absent from it. */
class MissingNodeSnapshotTest {
    @TempDir private Path folder = Path.of(".");
    @TempDir private Path other = Path.of(".");

    private final DaemonSetServer server = new DaemonSetServer();

    @SuppressWarnings("NullAway.Init") // before each test
    private TestHub hub;

    @BeforeEach
    void start() {
        server.desire(2);
        server.add(DaemonSetServer.running("node-1"));
        server.add(DaemonSetServer.pending("node-2"));
        HubConfig config = TestHub.config(folder, 32, 32L << 20);
        ClusterConfig cluster =
                new ClusterConfig(CapturePolicy.EVERYTHING, server.kubeconfig(other), DaemonSetServer.NAME);
        hub = new TestHub(with(config, cluster));
        hub.agent("node-1", TestChunks.packets("node-1", 2, 10));
        await().atMost(Duration.ofSeconds(10)).until(() -> list().contains("Insufficient memory"));
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    private static HubConfig with(HubConfig config, ClusterConfig cluster) {
        return new HubConfig(
                config.snapshotDirectory(),
                config.host(),
                config.port(),
                config.tokenFile(),
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
                config.nodePatience(),
                config.volume(),
                config.access(),
                cluster);
    }

    private String list() {
        DeliveryOptions list = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, NodeAction.LIST.name());
        return hub.vertx()
                .eventBus()
                .<JsonObject>request(Addresses.NODES, new JsonObject(), list)
                .await()
                .body()
                .encode();
    }

    @Test
    void shouldNameAMissingNodeInASnapshotOfAllNodes() {
        Snapshot snapshot = hub.ended(hub.create(TestHub.everything("all")).id());

        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(snapshot.nodes()).extracting(SnapshotNode::node).containsExactly("node-1", "node-2");
        SnapshotNode missing = snapshot.nodes().getLast();
        assertThat(missing.state()).isEqualTo(SnapshotNode.State.FAILED);
        assertThat(missing.error())
                .isNotNull()
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE.name());
                    assertThat(error.detail()).contains("It is missing: Its pod agent-node-2 is not scheduled");
                });
        assertThat(missing.gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.NODE_UNREACHABLE);
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldRefuseASnapshotThatRequiresAMissingNode() {
        SnapshotRequest everything = TestHub.everything("all");
        SnapshotRequest strict =
                new SnapshotRequest(everything.name(), null, everything.from(), everything.to(), null, true, null);

        assertThatThrownBy(() -> hub.create(strict)).hasMessageContaining("node-2");
    }
}
