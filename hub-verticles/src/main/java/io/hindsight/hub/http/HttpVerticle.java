package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.bus.ListeningAt;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Authenticators;
import io.hindsight.hub.access.FileReloads;
import io.hindsight.hub.bridge.BridgeLimits;
import io.hindsight.hub.bridge.ProgramBridge;
import io.hindsight.hub.bridge.TcpBridge;
import io.hindsight.hub.export.ExportService;
import io.hindsight.hub.flow.FlowLimits;
import io.hindsight.hub.flow.FlowService;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.link.LinkBridge;
import io.hindsight.hub.link.LinkLimits;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.resolve.LiveObjects;
import io.hindsight.hub.resolve.Resolutions;
import io.hindsight.hub.timeline.TimelineService;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the HTTP API. It speaks to the rest of the Hub over the event bus alone, and reads sealed snapshots through {@link ExportService}. Deploy one
 * instance; it has ended its start when it listens.
 */
public final class HttpVerticle extends VerticleBase {
    /** Before every path of the contract. */
    public static final String API_PREFIX = "/api/v1";

    private static final Logger LOG = LoggerFactory.getLogger(HttpVerticle.class);

    private final HubConfig config;
    private final HttpLimits limits;
    private final LinkRegistry registry;
    private final LinkLimits linkLimits;
    private final ExportService exports;
    private final HubMetrics metrics;
    private final LaneTokens laneTokens;
    private final String version;
    private final AuthenticatorSource authenticators;
    private final BridgeLimits bridgeLimits;

    /** Kept, as the other server. */
    private volatile @Nullable NetServer tcpServer;

    /** Kept: Vert.x closes the connections of a server that nobody refers to. */
    private volatile @Nullable HttpServer server;

    private @Nullable FlowService flows;

    /** What has to be read from files before anything can be served. */
    private record Access(
            ListenAddress address, List<Authenticator> authenticators, FileReloads reloads, @Nullable TlsReload tls) {
        /** Where what has been opened is of no use. */
        void close() {
            authenticators.forEach(Authenticator::close);
        }
    }

    private @Nullable Access open;

    /** Makes those whose word is taken, on a worker. */
    @FunctionalInterface
    interface AuthenticatorSource {
        List<Authenticator> open(Vertx vertx, HubConfig config, FileReloads reloads);
    }

    /**
     * @param limits {@link HttpLimits#DEFAULTS}, as a rule
     * @param registry who holds which node's name
     * @param linkLimits {@link LinkLimits#DEFAULTS}, as a rule
     * @param exports closed by whoever made it
     * @param metrics of this Vert.x
     * @param laneTokens of the Hub that orders chunks
     * @param version of the program
     */
    public HttpVerticle(
            HubConfig config,
            HttpLimits limits,
            LinkRegistry registry,
            LinkLimits linkLimits,
            ExportService exports,
            HubMetrics metrics,
            LaneTokens laneTokens,
            String version) {
        this(
                config,
                limits,
                registry,
                linkLimits,
                exports,
                metrics,
                laneTokens,
                version,
                Authenticators::of,
                BridgeLimits.DEFAULTS);
    }

    /** With authenticators and bounds that a test bends. */
    HttpVerticle(
            HubConfig config,
            HttpLimits limits,
            LinkRegistry registry,
            LinkLimits linkLimits,
            ExportService exports,
            HubMetrics metrics,
            LaneTokens laneTokens,
            String version,
            AuthenticatorSource authenticators,
            BridgeLimits bridgeLimits) {
        this.config = config;
        this.limits = limits;
        this.registry = registry;
        this.linkLimits = linkLimits;
        this.exports = exports;
        this.metrics = metrics;
        this.laneTokens = laneTokens;
        this.version = version;
        this.authenticators = authenticators;
        this.bridgeLimits = bridgeLimits;
    }

    /** The port it listens on, once started. Any thread. */
    public int port() {
        HttpServer listening = server;
        if (listening == null) {
            throw new IllegalStateException("The HTTP API is not listening.");
        }
        return listening.actualPort();
    }

    /** Fails with INVALID_CONFIGURATION where it may not listen there, or the token file cannot be used. */
    @Override
    public Future<?> start() {
        return vertx.executeBlocking(this::access)
                .compose(access ->
                        ApiContract.load(vertx)
                                .compose(contract -> listen(access, contract))
                                // A verticle that does not start is not stopped.
                                .onFailure(failure -> access.close()));
    }

    private Access access() {
        ListenAddress address = ListenAddress.of(config);
        FileReloads reloads = new FileReloads();
        TlsReload tls = TlsReload.load(vertx, config.tls(), reloads, () -> server);
        Access access = new Access(address, authenticators.open(vertx, config, reloads), reloads, tls);
        address.requireAuthentication(!access.authenticators().isEmpty());
        return access;
    }

    private Future<HttpServer> listen(Access access, ApiContract contract) {
        ConnectionGuard connections = new ConnectionGuard(vertx, limits);
        BusClient hub = new BusClient(vertx.eventBus(), limits);
        EventFeed feed = new EventFeed(vertx, hub, limits);
        MetricsRoutes metricsRoutes = new MetricsRoutes(hub, metrics);
        LaneRoutes lanes = new LaneRoutes(vertx, laneTokens, connections);
        LinkBridge links = new LinkBridge(vertx, registry, linkLimits);
        AccessCustody refusals = new AccessCustody(hub);
        ProgramBridge programs = new ProgramBridge(vertx, bridgeLimits, new BridgeOperations(feed, refusals));
        AuthenticationCheck authentication = new AuthenticationCheck(access.authenticators(), limits);
        Resolutions resolutions = new Resolutions(vertx);
        ExportRoutes exportRoutes = new ExportRoutes(vertx, config, hub, exports, limits, resolutions);
        HubRouter router =
                new HubRouter(
                        vertx,
                        limits,
                        contract,
                        connections,
                        new BrowserGuard(access.address()),
                        authentication,
                        new HealthRoutes(vertx, config, hub, version, access.reloads(), access.tls()),
                        metricsRoutes,
                        new NodeRoutes(hub),
                        new SnapshotRoutes(vertx, hub, config.snapshotDirectory()),
                        exportRoutes,
                        new CustodyRoutes(hub),
                        new CaptureRoutes(hub),
                        refusals,
                        new FlowRoutes(vertx, hub, config.snapshotDirectory(), flows(resolutions)),
                        new TimelineRoutes(hub, new TimelineService(vertx), config.snapshotDirectory()),
                        new WorkloadRoutes(
                                hub, resolutions, new LiveObjects(vertx, resolutions), config.snapshotDirectory()),
                        new EventRoutes(feed),
                        new LinkRoutes(links, registry, connections, version),
                        new BridgeRoutes(programs, connections),
                        lanes);
        connections.start();
        feed.start();
        links.start();
        programs.start();
        BridgeMeters.register(metrics, programs);
        lanes.start(metrics);
        metrics.version(version);
        AccessMeters.register(metrics, authentication, access.reloads(), access.tls());
        ReviewMeters.register(metrics, access.authenticators());
        OidcMeters.register(metrics, access.authenticators());
        metricsRoutes.start(vertx, connections, feed, exportRoutes, links);
        return vertx.createHttpServer(options(access.tls()))
                .requestHandler(router.create())
                .connectionHandler(connections::opened)
                .exceptionHandler(connections::broken)
                .invalidRequestHandler(new InvalidRequestAnswer(limits))
                .listen()
                .compose(listening -> bridgeTcp(programs, authentication, access).map(listening))
                .onSuccess(listening -> listening(listening, access, hub));
    }

    /** Only where a port is set. */
    private Future<?> bridgeTcp(ProgramBridge programs, AuthenticationCheck authentication, Access access) {
        if (config.tcpBridgePort() == 0) {
            return Future.succeededFuture();
        }
        NetServerOptions options = new NetServerOptions().setHost(config.host()).setPort(config.tcpBridgePort());
        TlsReload tls = access.tls();
        if (tls != null) {
            tls.current().apply(options);
        }
        TcpBridge bridge = new TcpBridge(programs, authentication::caller);
        BridgeMeters.register(metrics, bridge);
        return bridge.listen(options)
                .onSuccess(listening -> {
                    tcpServer = listening;
                    if (tls != null) {
                        tls.alsoOf(listening);
                    }
                    LOG.info("tcp bridge={}:{} tls={}", config.host(), listening.actualPort(), tls != null);
                });
    }

    private FlowService flows(Resolutions resolutions) {
        FlowService made = new FlowService(vertx, snapshot -> resolutions.of(snapshot.folder()), FlowLimits.DEFAULTS);
        flows = made;
        return made;
    }

    /** Ends what reads for nobody any more. */
    @Override
    public Future<?> stop() {
        FlowService made = flows;
        if (made != null) {
            made.close();
        }
        if (open != null) {
            open.close();
        }
        return Future.succeededFuture();
    }

    private void listening(HttpServer listening, Access access, BusClient hub) {
        server = listening;
        open = access;
        access.reloads().start(vertx);
        hub.listening(new ListeningAt(config.host(), listening.actualPort()));
        LOG.info(
                "api={}://{}:{}{} authentication={}",
                config.tls().hasCertificate() ? "https" : "http",
                config.host(),
                listening.actualPort(),
                API_PREFIX,
                !access.authenticators().isEmpty());
    }

    private HttpServerOptions options(@Nullable TlsReload tls) {
        HttpServerOptions options = new HttpServerOptions();
        if (tls != null) {
            tls.current().apply(options);
        }
        return options.setHost(config.host())
                .setPort(config.port())
                .setMaxInitialLineLength(limits.maxUriBytes())
                .setMaxHeaderSize(limits.maxHeaderBytes())
                .setMaxFormAttributeSize(0)
                // Of links, which put frames together themselves; readers of events are held to less (WebSocketSink).
                .setMaxWebSocketFrameSize(LinkProtocol.MAX_FRAME_BYTES)
                .setMaxWebSocketMessageSize(LinkProtocol.MAX_FRAME_BYTES)
                // A small frame that unpacks to a large message would pass every bound.
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                // One protocol, so that every bound holds for every request.
                .setHttp2ClearTextEnabled(false)
                // With it Vert.x would not send files from the page cache; JSON is compressed by Answers.
                .setCompressionSupported(false)
                .setDecompressionSupported(false)
                .setReuseAddress(true);
    }
}
