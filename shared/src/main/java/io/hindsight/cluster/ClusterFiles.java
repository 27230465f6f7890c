package io.hindsight.cluster;

import io.hindsight.config.BusClusterConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a member's files hold, read once and tried out, so that a mistake shows at the start and names its file. Immutable.
 *
 * @param certificate PEM chain
 * @param key PEM private key
 * @param authority PEM certificates
 * @param context both ends of a connection with the above: shows the certificate, trusts the authority alone
 * @param secret never logged, never sent
 */
record ClusterFiles(Buffer certificate, Buffer key, Buffer authority, SSLContext context, Secret secret) {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterFiles.class);
    private static final int MAX_CLUSTER_FILE_BYTES = 1 << 20;

    /**
     * Blocks on the disk.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the file and its setting
     */
    static ClusterFiles read(BusClusterConfig config) {
        Buffer certificate = read("cluster-cert", config.certificate());
        Buffer key = read("cluster-key", config.key());
        Buffer authority = read("cluster-ca", config.authority());
        SSLContext context = context(config, certificate, key, authority);
        tryOut(config, context);
        return new ClusterFiles(certificate, key, authority, context, secret(config.secret()));
    }

    /** A certificate whose time is over keeps nobody from starting: it may be replaced, and an agent records meanwhile. */
    private static void tryOut(BusClusterConfig config, SSLContext context) {
        try {
            HandshakeTrial.run(context);
        } catch (SSLException refused) {
            String certificate = "cluster-cert=" + config.certificate();
            if (isForItsTime(refused)) {
                LOG.warn("Other members will refuse {}: {}", certificate, refused.getMessage());
            } else {
                throw invalid(
                        "other members would refuse this one: "
                                + certificate
                                + " is not of the authority cluster-ca="
                                + config.authority()
                                + " or not for both ends of a connection, or cluster-key="
                                + config.key()
                                + " is not its key: "
                                + refused.getMessage(),
                        refused);
            }
        }
    }

    private static boolean isForItsTime(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return true;
            }
        }
        return false;
    }

    private static Buffer read(String setting, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_CLUSTER_FILE_BYTES + 1);
            if (bytes.length > MAX_CLUSTER_FILE_BYTES) {
                throw invalid(setting + "=" + file + " has more than limit=" + MAX_CLUSTER_FILE_BYTES + " bytes", null);
            }
            return Buffer.buffer(bytes);
        } catch (IOException unreadable) {
            throw invalid(setting + "=" + file + " cannot be read: " + unreadable, unreadable);
        }
    }

    /** By Netty, as everywhere else in the program: one reader of PEM. */
    private static SSLContext context(BusClusterConfig config, Buffer certificate, Buffer key, Buffer authority) {
        try {
            return ((JdkSslContext)
                            SslContextBuilder.forServer(in(certificate), in(key))
                                    .sslProvider(SslProvider.JDK)
                                    .trustManager(in(authority))
                                    .clientAuth(ClientAuth.REQUIRE)
                                    .build())
                    .context();
        } catch (SSLException | IllegalArgumentException unusable) {
            throw invalid(
                    "cluster-cert="
                            + config.certificate()
                            + ", cluster-key="
                            + config.key()
                            + " or cluster-ca="
                            + config.authority()
                            + " is no PEM file of its kind: "
                            + unusable.getMessage(),
                    unusable);
        }
    }

    private static InputStream in(Buffer bytes) {
        return new ByteArrayInputStream(bytes.getBytes());
    }

    private static Secret secret(Path file) {
        warnIfReadableByOthers(file);
        String text = read("cluster-secret-file", file).toString(StandardCharsets.UTF_8).strip();
        if (text.length() < Secret.MIN_LENGTH) {
            throw invalid(
                    "cluster-secret-file="
                            + file
                            + " holds "
                            + text.length()
                            + " characters; a secret has at least "
                            + Secret.MIN_LENGTH,
                    null);
        }
        return new Secret(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void warnIfReadableByOthers(Path file) {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("Everybody on this machine can read cluster-secret-file={}; chmod 600 it.", file);
            }
        } catch (IOException unreadable) {
            LOG.debug("Who can read file={} is not known: {}", file, unreadable.toString());
        }
    }

    private static HindsightException invalid(String problem, @Nullable Throwable cause) {
        String words = "The cluster configuration cannot be used: " + problem + ".";
        return cause == null
                ? new HindsightException(ErrorCode.INVALID_CONFIGURATION, words)
                : new HindsightException(ErrorCode.INVALID_CONFIGURATION, words, cause);
    }
}
