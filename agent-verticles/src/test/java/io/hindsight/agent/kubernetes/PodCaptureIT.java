package io.hindsight.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.NetworkNamespace;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.StrictSink;
import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.filter.CaptureController;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the API server's word on pods to what the kernel lets pass, with real packets. */
class PodCaptureIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int UDP_SOURCE = 26;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final FakeApiServer server = new FakeApiServer(vertx);
    private final CountingSink sink = new CountingSink();
    private final Thread follower = Thread.ofPlatform().unstarted(this::follow);
    private volatile boolean stopping;
    private NetworkNamespace here;
    private NetworkNamespace there;
    private EventSource events;
    private PacketSource packets;
    private volatile CaptureController capture;

    /** Counts packets by the last byte of their source address. */
    private static final class CountingSink extends StrictSink {
        private final Map<Integer, Integer> uncommitted = new ConcurrentHashMap<>();
        private final Map<Integer, Integer> committed = new ConcurrentHashMap<>();

        @Override
        public void packet(
                CaptureInterface networkInterface,
                long timestampNs,
                int direction,
                MemorySegment data,
                long offset,
                int capturedLength,
                int originalLength) {
            int host = data.get(ValueLayout.JAVA_BYTE, offset + UDP_SOURCE + 3);
            uncommitted.merge(host, 1, Integer::sum);
        }

        @Override
        public void commit() {
            committed.putAll(uncommitted);
        }

        int of(int host) {
            return committed.getOrDefault(host, 0);
        }
    }

    @BeforeEach
    void start() throws Exception {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "python3");
        here = new NetworkNamespace();
        there = new NetworkNamespace();
        here.connect("hsa", there, "hsb");
        server.put(ResourceKind.POD, TestPods.pod("shop", "cart", "10.99.0.2"));
        server.put(ResourceKind.POD, TestPods.pod("vault", "secret", "10.99.0.3"));
        AgentConfig config = config();
        KubernetesSources kubernetes = KubernetesSources.of(config.events(), config.node(), vertx).orElseThrow();
        events = kubernetes.open();
        events.start(new RecordingSink(128 << 10, false));
        capture = new CaptureController(config, kubernetes, Clock.systemUTC());
        packets = new AfPacketSource(config);
        startPackets();
        follower.start();
    }

    /** As the verticle does. */
    private void follow() {
        while (!stopping) {
            if (capture.isDue()) {
                capture.update();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private void startPackets() throws Exception {
        CaptureFilter first = capture.first();
        if (!first.isSettingAlone()) {
            packets.filter(first);
        }
        here.call(() -> {
            packets.start(List.of(sink));
            return packets;
        });
        capture.started(packets::filter, first, EpochNanos.of(Instant.now()));
    }

    private AgentConfig config() throws IOException {
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("kubeconfig"),
                        """
                        apiVersion: v1
                        kind: Config
                        clusters: [{name: c, cluster: {server: "%s"}}]
                        users: [{name: u, user: {token: t-1}}]
                        contexts: [{name: x, context: {cluster: c, user: u}}]
                        current-context: x
                        """
                                .formatted(server.url()));
        return new AgentConfig(
                new NodeId(TestPods.NODE),
                folder.resolve("ring"),
                DataSize.parse("16Mi"),
                DataSize.parse("1Mi"),
                List.of("any"),
                0,
                "udp",
                CaptureImplementation.AF_PACKET,
                1,
                DataSize.parse("8Mi"),
                null,
                false,
                new DataSize(0),
                new EventsConfig(OsEvents.OFF, KubernetesEvents.ON, kubeconfig, false));
    }

    @AfterEach
    void stop() throws Exception {
        stopping = true;
        follower.join();
        if (packets != null) {
            packets.close();
            events.close();
        }
        for (NetworkNamespace namespace : new NetworkNamespace[] {here, there}) {
            if (namespace != null) {
                namespace.close();
            }
        }
        FakeApiServer.result(vertx.close());
    }

    private static CaptureOrder order(long revision, CapturePolicy policy, OwnEndpoint... own) {
        return new CaptureOrder(new CaptureState(revision, policy, "test", Instant.EPOCH), List.of(own));
    }

    /** Sends a hundred packets from 10.99.0.2 and .3 each; returns when those that pass have been counted. */
    private void send() throws Exception {
        Path script = folder.resolve("traffic.py");
        if (!Files.exists(script)) {
            try (InputStream resource = CaptureFilter.class.getResourceAsStream("traffic.py")) {
                Files.copy(Objects.requireNonNull(resource, "traffic.py"), script);
            }
        }
        there.run("python3", script.toString(), "hsb", "pairs", "100");
        assertThat(packets.drain(5_000)).isTrue();
    }

    private void awaitPods(int count) {
        await().atMost(PATIENCE)
                .until(() -> {
                    NodeCapture now = capture.status();
                    return now != null && now.pods() == count && now.problem() == null;
                });
    }

    @Test
    void shouldLeaveOutAnExcludedNamespaceAndFollowItsPods() throws Exception {
        capture.order(order(1, new CapturePolicy(null, List.of(), List.of("vault"), null, true)));
        awaitPods(1);
        send();
        assertThat(sink.of(2)).isEqualTo(100);
        assertThat(sink.of(3)).isZero();
        server.delete(ResourceKind.POD, "shop", "cart");
        server.put(ResourceKind.POD, TestPods.pod("vault", "another", "10.99.0.2"));
        awaitPods(2);
        send();
        assertThat(sink.of(2)).isEqualTo(100);
        assertThat(sink.of(3)).isZero();
        capture.order(order(2, CapturePolicy.EVERYTHING));
        send();
        assertThat(sink.of(2)).isEqualTo(200);
        assertThat(sink.of(3)).isEqualTo(100);
    }

    @Test
    void shouldRecordAPodFromWhenItsAddressIsKnownAndItsLastPackets() throws Exception {
        server.delete(ResourceKind.POD, "vault", "secret"); // which has the address
        capture.order(order(1, new CapturePolicy("^new", List.of(), List.of(), null, true)));
        await().atMost(PATIENCE).until(() -> String.valueOf(capture.status()).contains("nothing is recorded"));
        send();
        assertThat(sink.of(2) + sink.of(3)).isZero();
        JsonObject pod = TestPods.pod("shop", "new-1", "10.99.0.3");
        server.put(ResourceKind.POD, pod);
        awaitPods(1);
        send();
        assertThat(sink.of(3)).isEqualTo(100);
        pod.getJsonObject("status").put("phase", "Succeeded");
        server.put(ResourceKind.POD, pod);
        await().atMost(PATIENCE).until(() -> String.valueOf(capture.status()).contains("pods=0"));
        send();
        assertThat(sink.of(3)).as("within seconds of its end").isEqualTo(200);
        assertThat(sink.of(2)).isZero();
    }

    @Test
    void shouldHaveTheStoredFilterFromTheFirstPacketOn() throws Exception {
        capture.order(order(1, new CapturePolicy(null, List.of("shop"), List.of(), null, true)));
        awaitPods(1);
        packets.close();
        capture.close();
        server.stop();
        AgentConfig config = config();
        capture = new CaptureController(config, PodFollower.NONE, Clock.systemUTC());
        packets = new AfPacketSource(config);
        startPackets();
        send();
        assertThat(sink.of(2)).isEqualTo(100);
        assertThat(sink.of(3)).isZero();
        assertThat(String.valueOf(capture.status())).contains("before the agent's start");
    }

    /** 1003 is the port that packets from 10.99.0.3 go to; it is UDP, and own traffic is TCP. */
    @Test
    void shouldLeaveOutOwnTrafficAlone() throws Exception {
        capture.order(order(1, CapturePolicy.EVERYTHING, new OwnEndpoint("10.99.0.1", 1003)));
        send();
        assertThat(sink.of(2)).isEqualTo(100);
        assertThat(sink.of(3)).isEqualTo(100);
    }
}
