package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS that trusts the certificates of a PEM file and no others. Host names are checked as ever. Stateless. */
final class PrivateTrust {
    private PrivateTrust() {}

    /** For this file; a {@link CommandFailure} names it where it cannot be used. */
    static SSLSocketFactory of(Path authority) {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
            }
            if (trusted.size() == 0) {
                throw unusable(authority, "it holds no certificate");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException unreadable) {
            throw unusable(authority, "it cannot be read: " + unreadable.getClass().getSimpleName());
        } catch (GeneralSecurityException notPem) {
            throw unusable(authority, "it is not PEM: " + notPem.getMessage());
        }
    }

    private static CommandFailure unusable(Path authority, String problem) {
        return CommandFailure.of(
                ErrorCode.INVALID_CONFIGURATION,
                "The certificates in --tls-ca " + authority + " cannot be used: " + problem + ".");
    }
}
