package io.hindsight.agent.link;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.HubService;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Hub as a client sees it: where it is, what it has to prove, and what is shown to it. The same for the link and for lanes. Over TLS the
 * Hub's certificate must end at a trusted one and name the host that was dialled, or the service that it was found by; nothing turns that off.
 * Immutable; files are read once.
 */
public final class HubEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(HubEndpoint.class);

    /**
     * The longest order that is read, and the longest frame. Far less than {@link LinkProtocol#MAX_MESSAGE_BYTES}, which bounds what an agent
     * sends: orders are small, JSON takes many times its length as objects, and an agent's heap is small.
     */
    static final int MAX_ORDER_BYTES = 256 << 10;

    private static final int FRAME_BYTES = 64 << 10;

    private final LinkConfig config;
    private final NodeId node;
    private final @Nullable String token;

    /** Finds the Hub where its address is not given. */
    private final @Nullable HubLocator locator;

    private HubEndpoint(LinkConfig config, NodeId node, @Nullable String token, @Nullable HubLocator locator) {
        this.config = config;
        this.node = node;
        this.token = token;
        this.locator = locator;
    }

    /**
     * Reads token and certificates, on a worker.
     *
     * @return fails with INVALID_CONFIGURATION, naming the file, where one cannot be used
     */
    public static Future<HubEndpoint> load(Vertx vertx, LinkConfig config, NodeId node) {
        return load(vertx, config, node, null);
    }

    /** As above; {@code locator} finds a Hub that is given by its service. */
    public static Future<HubEndpoint> load(Vertx vertx, LinkConfig config, NodeId node, @Nullable HubLocator locator) {
        return vertx.executeBlocking(() -> {
            checkTls(vertx, config.tls());
            String token = config.tokenFile() == null ? null : JoinToken.load(config.tokenFile(), node);
            return new HubEndpoint(config, node, token, locator);
        });
    }

    /** Says so where others can read and change what is sent. */
    public void warnIfInsecure() {
        if (config.insecure() && !config.isTls()) {
            LOG.warn(
                    "INSECURE: hub={} is reached over plain HTTP. Everybody on the way can read the join token, orders and packets,"
                            + " and can give orders to this agent. Use https.",
                    config.hub());
        }
    }

    private static void checkTls(Vertx vertx, TlsFiles tls) {
        if (tls.authority() != null) {
            check("tls-ca=" + tls.authority(), () -> trust(tls).getTrustManagerFactory(vertx));
        }
        if (tls.hasCertificate()) {
            check(
                    "tls-cert=" + tls.certificate() + " tls-key=" + tls.key(),
                    () -> certificate(tls).getKeyManagerFactory(vertx));
        }
    }

    private static void check(String files, Callable<?> reading) {
        try {
            reading.call();
        } catch (Exception unusable) { // whatever a parser of keys and certificates may throw
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION, files + " cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    private static PemTrustOptions trust(TlsFiles tls) {
        return new PemTrustOptions().addCertPath(String.valueOf(tls.authority()));
    }

    private static PemKeyCertOptions certificate(TlsFiles tls) {
        return new PemKeyCertOptions()
                .setCertPath(String.valueOf(tls.certificate()))
                .setKeyPath(String.valueOf(tls.key()));
    }

    /** The address, as the configuration has it. */
    public URI uri() {
        return config.hub();
    }

    /** Where to dial a Hub whose address is given. */
    public SocketAddress address() {
        return SocketAddress.inetSocketAddress(config.port(), host());
    }

    /** Where to dial now. */
    Future<SocketAddress> locate() {
        return locator == null ? Future.succeededFuture(address()) : locator.locate();
    }

    /**
     * Where lanes go: to the Hub that the link is with, which is another one than a service may name by now.
     *
     * @param linked the other end of the present link; null: there is none
     * @return null where that is not known now
     */
    public @Nullable SocketAddress laneAddress(@Nullable SocketAddress linked) {
        return locator == null ? address() : linked;
    }

    /** Value of the {@code Host} header. */
    public String hostHeader() {
        return webAddress().getRawAuthority();
    }

    /** By name, as the Hub's certificate has it; of a service whose port is not given, without one. */
    private URI webAddress() {
        HubService service = config.service();
        String authority =
                service == null
                        ? config.hub().getHost() + ":" + config.port()
                        : service.host() + (service.port() == 0 ? "" : ":" + service.port());
        return URI.create((config.isTls() ? "https://" : "http://") + authority);
    }

    /** Value of the {@code Authorization} header; null where a certificate stands for the agent, or nothing is asked for. */
    public @Nullable String authorization() {
        return token == null ? null : "Bearer " + token;
    }

    /** Without the brackets of an IPv6 address. */
    private String host() {
        String host = config.hub().getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** What has the service's name verified where the pod's address is dialled. */
    private JdkSSLEngineOptions engine() {
        HubService service = config.service();
        return service == null ? new JdkSSLEngineOptions() : new HubNameEngine(service.host());
    }

    /** Of the link's client. */
    WebSocketClientOptions webSocketOptions(Duration dial) {
        WebSocketClientOptions options =
                new WebSocketClientOptions()
                        .setConnectTimeout((int) dial.toMillis())
                        .setMaxFrameSize(FRAME_BYTES)
                        .setMaxMessageSize(MAX_ORDER_BYTES)
                        .setTcpKeepAlive(true)
                        .setVerifyHost(true);
        if (config.isTls()) {
            options.setSsl(true).setSslHandshakeTimeout(dial.toSeconds() + 1);
            options.setSslEngineOptions(engine());
            if (config.tls().authority() != null) {
                options.setTrustOptions(trust(config.tls()));
            }
            if (config.tls().hasCertificate()) {
                options.setKeyCertOptions(certificate(config.tls()));
            }
        }
        return options;
    }

    /** The dial of the link. Its URI is absolute: from a relative one Vert.x makes none where the host is an IPv6 address. */
    WebSocketConnectOptions dial(AgentIdentity identity, Duration dial, SocketAddress hub) {
        WebSocketConnectOptions options =
                new WebSocketConnectOptions()
                        .setHost(hub.host())
                        .setPort(hub.port())
                        .setURI(webAddress().resolve(LinkProtocol.LINK_PATH).toString())
                        .setAllowOriginHeader(false)
                        .setTimeout(dial.toMillis());
        options.addHeader(LinkProtocol.NODE_HEADER, node.name())
                .addHeader(LinkProtocol.INSTANCE_HEADER, identity.instance())
                .addHeader(LinkProtocol.VERSION_HEADER, identity.version());
        String authorization = authorization();
        if (authorization != null) {
            options.addHeader(HttpHeaders.AUTHORIZATION, authorization);
        }
        return options;
    }

    /** Of the client of lanes. */
    public NetClientOptions socketOptions() {
        NetClientOptions options =
                new NetClientOptions()
                        .setConnectTimeout((int) LinkTiming.DEFAULTS.dial().toMillis())
                        .setTcpKeepAlive(true);
        if (config.isTls()) {
            options.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
            options.setSslEngineOptions(engine());
            if (config.tls().authority() != null) {
                options.setTrustOptions(trust(config.tls()));
            }
            if (config.tls().hasCertificate()) {
                options.setKeyCertOptions(certificate(config.tls()));
            }
        }
        return options;
    }
}
