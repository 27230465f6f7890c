package io.hindsight.hub.http;

import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of TLS, read from PEM files and tried out, so that a mistake shows at the start and names its file. Immutable.
 */
final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final long MAX_FILE_LENGTH = 1 << 20;

    private final PemKeyCertOptions own;
    private final @Nullable PemTrustOptions clients;

    private final Instant expires;

    private ServerTls(PemKeyCertOptions own, @Nullable PemTrustOptions clients, Instant expires) {
        this.own = own;
        this.clients = clients;
        this.expires = expires;
    }

    /**
     * Reads the files, so call it on a worker; empty where there is no certificate.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the file and its option
     */
    static Optional<ServerTls> load(Vertx vertx, TlsFiles files) {
        Path certificate = files.certificate();
        Path key = files.key();
        if (certificate == null || key == null) {
            return Optional.empty();
        }
        Buffer chain = read("tls-cert", certificate);
        X509Certificate first = certificates("tls-cert", certificate, chain).iterator().next();
        warnIfNotValid(certificate, first);
        PemKeyCertOptions own = new PemKeyCertOptions().addCertValue(chain).addKeyValue(read("tls-key", key));
        requirePair(vertx, own, key, first);
        return Optional.of(new ServerTls(own, clients(files.authority()), first.getNotAfter().toInstant()));
    }

    private static @Nullable PemTrustOptions clients(@Nullable Path authority) {
        if (authority == null) {
            return null;
        }
        Buffer bytes = read("tls-ca", authority);
        certificates("tls-ca", authority, bytes);
        return new PemTrustOptions().addCertValue(bytes);
    }

    private static Buffer read(String option, Path file) {
        try {
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw invalid(option, file, "has more than " + MAX_FILE_LENGTH + " bytes");
            }
            return Buffer.buffer(Files.readAllBytes(file));
        } catch (IOException unreadable) {
            throw invalid(option, file, "cannot be read: " + unreadable);
        }
    }

    private static Collection<X509Certificate> certificates(String option, Path file, Buffer pem) {
        try {
            Collection<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem.getBytes()))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw invalid(option, file, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
            }
            return certificates;
        } catch (CertificateException notPem) {
            throw invalid(option, file, "holds no certificate in PEM: " + notPem.getMessage());
        }
    }

    /** It may be replaced, or the clock be wrong: clients say the rest. */
    private static void warnIfNotValid(Path file, X509Certificate certificate) {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException invalid) {
            LOG.warn("Clients will refuse the certificate tls-cert={}: {}", file, invalid.getMessage());
        }
    }

    private static void requirePair(Vertx vertx, PemKeyCertOptions own, Path file, X509Certificate certificate) {
        PrivateKey key = privateKey(vertx, own, file);
        try {
            String algorithm = signatureAlgorithm(key);
            byte[] sample = {1, 2, 3};
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(sample);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(sample);
            if (!verifying.verify(signing.sign())) {
                throw invalid("tls-key", file, "is not the key of the certificate in tls-cert");
            }
        } catch (GeneralSecurityException otherKind) {
            throw invalid("tls-key", file, "is not the key of the certificate in tls-cert: " + otherKind.getMessage());
        }
    }

    private static String signatureAlgorithm(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }

    /** By the very code that the server reads it with. Vert.x declares Exception. */
    private static PrivateKey privateKey(Vertx vertx, PemKeyCertOptions own, Path file) {
        try {
            X509KeyManager manager = (X509KeyManager) own.getKeyManagerFactory(vertx).getKeyManagers()[0];
            for (String type : new String[] {"RSA", "EC", "EdDSA", "Ed25519", "Ed448"}) {
                String[] aliases = manager.getServerAliases(type, null);
                if (aliases != null && aliases.length > 0) {
                    return manager.getPrivateKey(aliases[0]);
                }
            }
            throw invalid("tls-key", file, "is of a kind that TLS does not take: RSA, EC or Ed25519");
        } catch (HindsightException known) {
            throw known;
        } catch (Exception notAKey) {
            throw invalid(
                    "tls-key",
                    file,
                    "holds no private key in PEM (-----BEGIN PRIVATE KEY-----): " + notAKey.getMessage());
        }
    }

    private static HindsightException invalid(String option, Path file, String problem) {
        return new HindsightException(
                ErrorCode.INVALID_CONFIGURATION,
                "The hub configuration cannot be used: " + option + "=" + file + " " + problem + ".");
    }

    void apply(NetServerOptions options) {
        // One protocol, HTTP/1.1, so that every bound holds for every request.
        options.setSsl(true).setUseAlpn(false).setKeyCertOptions(own);
        if (clients != null) {
            // Asked for, not required: users come with tokens.
            options.setTrustOptions(clients).setClientAuth(ClientAuth.REQUEST);
        }
    }

    /** The same for a server that listens already. */
    ServerSSLOptions options() {
        ServerSSLOptions options = new ServerSSLOptions().setUseAlpn(false).setKeyCertOptions(own);
        if (clients != null) {
            options.setTrustOptions(clients).setClientAuth(ClientAuth.REQUEST);
        }
        return options;
    }

    /** Of the server's own certificate. */
    Instant expires() {
        return expires;
    }
}
