package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import org.jspecify.annotations.Nullable;

/** The file of certificates that an issuer is trusted by, tried out at the start. */
final class OidcAuthority {
    private static final long MAX_FILE_LENGTH = 1 << 20;

    private OidcAuthority() {}

    /** Its bytes; null where there is no file: the system's certificates. */
    static @Nullable Buffer load(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        try {
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw invalid(file, "has more than " + MAX_FILE_LENGTH + " bytes");
            }
            byte[] pem = Files.readAllBytes(file);
            if (CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).isEmpty()) {
                throw invalid(file, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
            }
            return Buffer.buffer(pem);
        } catch (IOException unreadable) {
            throw invalid(file, "cannot be read: " + unreadable);
        } catch (CertificateException notPem) {
            throw invalid(file, "holds no certificate in PEM: " + notPem.getMessage());
        }
    }

    private static HindsightException invalid(Path file, String problem) {
        return new HindsightException(
                ErrorCode.INVALID_CONFIGURATION, "The file oidc-ca=" + file + " " + problem + ".");
    }
}
