package io.hindsight.agent.link;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The way to the API server in the words of Vert.x's clients: where it is, what it has to prove, what is shown to it. Immutable; it compares by
 * content, so that whoever holds a client knows when to make another one. It never tells what it holds.
 *
 * @param authority PEM; null: what the JDK trusts
 * @param certificate PEM; null together with {@code key}
 */
record ApiCredentials(
        URI server,
        @Nullable String token,
        @Nullable Buffer authority,
        @Nullable Buffer certificate,
        @Nullable Buffer key,
        boolean verified) {
    private static final int MAX_FILE_BYTES = 1 << 20;

    /** Reads the files that the configuration names: call it on a worker. Fails with INVALID_CONFIGURATION. */
    static ApiCredentials of(Config config) {
        return new ApiCredentials(
                server(config.getMasterUrl()),
                token(config),
                pem(config.getCaCertData(), config.getCaCertFile()),
                pem(config.getClientCertData(), config.getClientCertFile()),
                pem(config.getClientKeyData(), config.getClientKeyFile()),
                !config.isTrustCerts());
    }

    private static URI server(String masterUrl) {
        URI server = URI.create(masterUrl);
        String path = server.getPath();
        if (server.getHost() == null || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "A Hub is not found by its service through an API server below a path: server="
                            + masterUrl
                            + ". Give the Hub's address: hub=https://….");
        }
        return server;
    }

    private static @Nullable String token(Config config) {
        OAuthTokenProvider provider = config.getOauthTokenProvider();
        String token = provider == null ? config.getOauthToken() : provider.getToken();
        return token == null || token.isEmpty() ? config.getAutoOAuthToken() : token;
    }

    private static @Nullable Buffer pem(@Nullable String base64, @Nullable String file) {
        if (base64 != null && !base64.isEmpty()) {
            return Buffer.buffer(Base64.getMimeDecoder().decode(base64));
        }
        return file == null || file.isEmpty() ? null : read(Path.of(file));
    }

    private static Buffer read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException("it has more than limit=" + MAX_FILE_BYTES + " bytes");
            }
            return Buffer.buffer(bytes);
        } catch (IOException unreadable) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "What the API server is reached with cannot be read: file=" + file + ", " + unreadable,
                    unreadable);
        }
    }

    SocketAddress address() {
        String host = server.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = server.getPort() >= 0 ? server.getPort() : isTls() ? 443 : 80;
        return SocketAddress.inetSocketAddress(port, bare);
    }

    private boolean isTls() {
        return "https".equals(server.getScheme());
    }

    /** Sets what TLS needs; whether the host's name is verified is the caller's to set, from {@link #verified}. */
    void applyTo(ClientOptionsBase options) {
        if (!isTls()) {
            options.setSsl(false);
            return;
        }
        options.setSsl(true).setTrustAll(!verified);
        if (authority != null) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(authority));
        }
        if (certificate != null && key != null) {
            options.setKeyCertOptions(new PemKeyCertOptions().setCertValue(certificate).setKeyValue(key));
        }
    }

    /** Without what must not be told. */
    @Override
    public String toString() {
        return server.toString();
    }
}
