package io.hindsight.client;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens WebSockets to a Hub's bridge, with token and certificates as their files are at that moment. One context. */
final class HubDial {
    /** Where the Hub serves programs. */
    static final String PATH = "/api/v1/eventbus/websocket";

    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int DIAL_MS = 5_000;

    private final Vertx vertx;
    private final HubBridgeOptions options;
    private final WebSocketClient client;

    HubDial(Vertx vertx, HubBridgeOptions options) {
        this.vertx = vertx;
        this.options = options;
        WebSocketClientOptions sockets =
                new WebSocketClientOptions()
                        .setConnectTimeout(DIAL_MS)
                        .setMaxFrameSize(LinkProtocol.MAX_FRAME_BYTES)
                        .setMaxMessageSize(LinkProtocol.MAX_MESSAGE_BYTES)
                        .setTcpKeepAlive(true)
                        .setVerifyHost(true);
        if (options.isTls()) {
            sockets.setSsl(true);
        }
        this.client = vertx.createWebSocketClient(sockets);
    }

    /** Fails with INVALID_CONFIGURATION where a file cannot be used, else with what the network or the Hub said. */
    Future<WebSocket> open() {
        return vertx.executeBlocking(this::prepared, false).compose(client::connect);
    }

    Future<Void> close() {
        return client.close();
    }

    private WebSocketConnectOptions prepared() {
        WebSocketConnectOptions dial =
                new WebSocketConnectOptions()
                        .setHost(options.host())
                        .setPort(options.port())
                        .setURI(options.hub().resolve(PATH).toString())
                        .setAllowOriginHeader(false)
                        .setTimeout(DIAL_MS);
        Path token = options.token();
        if (token != null) {
            dial.addHeader(HttpHeaders.AUTHORIZATION, "Bearer " + read(token).toString(StandardCharsets.UTF_8).strip());
        }
        if (options.isTls()) {
            dial.setSslOptions(tls(options.authority(), options.certificate(), options.key()));
        }
        return dial;
    }

    private static ClientSSLOptions tls(@Nullable Path authority, @Nullable Path certificate, @Nullable Path key) {
        ClientSSLOptions tls = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
        if (authority != null) {
            tls.setTrustOptions(new PemTrustOptions().addCertValue(read(authority)));
        }
        if (certificate != null && key != null) {
            tls.setKeyCertOptions(new PemKeyCertOptions().addCertValue(read(certificate)).addKeyValue(read(key)));
        }
        return tls;
    }

    private static Buffer read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException("it has more than " + MAX_FILE_BYTES + " bytes");
            }
            return Buffer.buffer(bytes);
        } catch (IOException unusable) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "file=" + file + " cannot be used: " + unusable.getMessage(),
                    unusable);
        }
    }
}
