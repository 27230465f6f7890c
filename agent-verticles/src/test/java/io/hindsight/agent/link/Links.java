package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.bus.Addresses;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An agent's process with a link and no recorder: the test speaks for it on its bus. */
final class Links implements AutoCloseable {
    static final NodeId NODE = new NodeId("node-1");

    /** Impatient, so that tests are short. */
    static final LinkTiming TIMING =
            new LinkTiming(
                    Duration.ofSeconds(2),
                    Duration.ofMillis(50),
                    Duration.ofMillis(600),
                    Duration.ofMillis(900),
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(1));

    private static final long BEAT_MS = 100;

    final Vertx vertx = Vertx.vertx();
    final AgentIdentity identity = AgentIdentity.ofNewRun("0.1.0");
    final LinkVerticle link;
    private final NodeId node;

    Links(int port) {
        this(NODE, config("http://127.0.0.1:" + port), TIMING);
    }

    Links(NodeId node, LinkConfig config, LinkTiming timing) {
        this(node, config, timing, vertx -> {});
    }

    /** {@code prepare} runs before the link dials: what a Hub sends at once finds what it puts on the bus. */
    Links(NodeId node, LinkConfig config, LinkTiming timing, Consumer<Vertx> prepare) {
        this(node, config, timing, null, prepare);
    }

    Links(NodeId node, LinkConfig config, LinkTiming timing, HubLocator locator) {
        this(node, config, timing, locator, vertx -> {});
    }

    private Links(
            NodeId node, LinkConfig config, LinkTiming timing, @Nullable HubLocator locator, Consumer<Vertx> prepare) {
        this.node = node;
        prepare.accept(vertx);
        HubEndpoint hub = result(HubEndpoint.load(vertx, config, node, locator));
        link = new LinkVerticle(hub, node, identity, timing, new Random(1));
        result(vertx.deployVerticle(link));
    }

    static LinkConfig config(String hub) {
        return new LinkConfig(URI.create(hub), null, TlsFiles.NONE, false);
    }

    /** Heartbeats as the recorder sends them, ten times as often. */
    Links beat() {
        vertx.setPeriodic(0, BEAT_MS, timer -> beatOnce());
        return this;
    }

    void beatOnce() {
        JsonObject status = new JsonObject().put("node", node.name()).put("instance", identity.instance());
        vertx.eventBus().send(Addresses.HEARTBEATS, status, new DeliveryOptions().setLocalOnly(true));
    }

    @Override
    public void close() {
        result(vertx.close());
    }
}
