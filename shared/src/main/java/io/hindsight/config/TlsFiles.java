package io.hindsight.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of TLS lie, as PEM files. Immutable.
 *
 * @param certificate chain to show to peers, or null
 * @param key private key of {@code certificate}; both or none
 * @param authority certificates that peers' chains must end at, or null: of a client the system's, of a server none is asked for
 */
public record TlsFiles(@Nullable Path certificate, @Nullable Path key, @Nullable Path authority) {
    /** No TLS for a server; the system's trust and no certificate for a client. */
    public static final TlsFiles NONE = new TlsFiles(null, null, null);

    /** Whether there is a certificate to show. */
    public boolean hasCertificate() {
        return certificate != null && key != null;
    }

    /** Notes what does not go together. */
    void check(ConfigProblems problems) {
        problems.check(
                (certificate == null) == (key == null), "tls-key", "and tls-cert go together: name both or none");
    }
}
