package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.HeartbeatAnswer;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A Hub as far as links go: Vert.x Web's bridge on a real server, on a Vert.x and a bus of its own. Can be stopped and started again. */
final class BridgeHub implements AutoCloseable {
    final List<MultiMap> dials = new CopyOnWriteArrayList<>();
    final List<JsonObject> heartbeats = new CopyOnWriteArrayList<>();

    private final HttpServerOptions options;
    private @Nullable Vertx vertx;
    private int port;
    private volatile int refusal;
    private volatile String refusalBody = "";
    private volatile boolean answersHeartbeats = true;
    private volatile Duration clockAhead = Duration.ZERO;

    BridgeHub() {
        this(new HttpServerOptions().setHost("127.0.0.1"));
    }

    BridgeHub(HttpServerOptions options) {
        this.options = options;
        start();
    }

    void start() {
        Vertx started = Vertx.vertx();
        vertx = started;
        started.eventBus().<JsonObject>consumer(Addresses.HEARTBEATS, this::heartbeat);
        SockJSBridgeOptions bridge =
                new SockJSBridgeOptions()
                        .addInboundPermitted(new PermittedOptions().setAddress(Addresses.HEARTBEATS))
                        .addInboundPermitted(new PermittedOptions().setAddressRegex("hindsight\\.chunks\\..*"))
                        .addOutboundPermitted(new PermittedOptions().setAddressRegex("hindsight\\.agents\\..*"));
        Router router = Router.router(started);
        router.route().handler(this::admit);
        router.route(LinkProtocol.LINK_PREFIX + "/*").subRouter(SockJSHandler.create(started).bridge(bridge));
        HttpServer listening =
                result(
                        started.createHttpServer(new HttpServerOptions(options).setPort(port))
                                .requestHandler(router)
                                .listen());
        port = listening.actualPort();
    }

    private void admit(RoutingContext request) {
        dials.add(request.request().headers());
        if (refusal == 0) {
            request.next();
        } else {
            request.response().setStatusCode(refusal).end(refusalBody);
        }
    }

    private void heartbeat(Message<JsonObject> message) {
        heartbeats.add(message.body());
        if (answersHeartbeats) {
            long nowNs = EpochNanos.of(Instant.now().plus(clockAhead));
            message.reply(JsonMapping.toJson(new HeartbeatAnswer(nowNs)));
        }
    }

    int port() {
        return port;
    }

    Vertx vertx() {
        if (vertx == null) {
            throw new IllegalStateException("The Hub is down.");
        }
        return vertx;
    }

    /** Refuses every dial from now on; 0: takes it. */
    void refuse(int status, String body) {
        refusalBody = body;
        refusal = status;
    }

    void answerHeartbeats(boolean answers) {
        answersHeartbeats = answers;
    }

    void setClockAhead(Duration ahead) {
        clockAhead = ahead;
    }

    /** What the Hub's code does: it knows nothing of links. */
    Message<JsonObject> ask(String address, String action, JsonObject body) {
        DeliveryOptions asked = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action).setSendTimeout(3_000);
        return result(vertx().eventBus().<JsonObject>request(address, body, asked));
    }

    @Override
    public void close() {
        if (vertx != null) {
            result(vertx.close());
            vertx = null;
        }
    }
}
