package io.hindsight.agent.link;

import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What one connection shows the Hub, and what the Hub has to prove on it. Immutable.
 *
 * @param authorization value of the {@code Authorization} header; null: none, as where a certificate stands for the agent
 * @param tls trust and certificate, as bytes: Vert.x would not look at a path a second time; null: as the client has it
 */
public record HubCredentials(@Nullable String authorization, @Nullable ClientSSLOptions tls) {
    private static final int MAX_PEM_LENGTH = 1 << 20;

    /**
     * Reads the files, on a worker, and tries them out.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the files
     */
    static @Nullable ClientSSLOptions tls(Vertx vertx, TlsFiles files) {
        ClientSSLOptions options = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
        Path authority = files.authority();
        if (authority != null) {
            check(
                    "tls-ca=" + authority,
                    () -> {
                        PemTrustOptions trust = new PemTrustOptions().addCertValue(read(authority));
                        trust.getTrustManagerFactory(vertx);
                        options.setTrustOptions(trust);
                    });
        }
        Path certificate = files.certificate();
        Path key = files.key();
        if (certificate != null && key != null) {
            check(
                    "tls-cert=" + certificate + " tls-key=" + key,
                    () -> {
                        PemKeyCertOptions own =
                                new PemKeyCertOptions().addCertValue(read(certificate)).addKeyValue(read(key));
                        own.getKeyManagerFactory(vertx);
                        options.setKeyCertOptions(own);
                    });
        }
        return options;
    }

    private interface Reading {
        void run() throws Exception;
    }

    private static void check(String files, Reading reading) {
        try {
            reading.run();
        } catch (Exception unusable) { // whatever a parser of keys and certificates may throw
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION, files + " cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    private static Buffer read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_PEM_LENGTH + 1);
            if (bytes.length > MAX_PEM_LENGTH) {
                throw new IOException(file + " has more than " + MAX_PEM_LENGTH + " bytes");
            }
            return Buffer.buffer(bytes);
        }
    }
}
