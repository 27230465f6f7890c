package io.hindsight.hub.http;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The names in a client's certificate, whose chain TLS has verified: its subject's common name and its DNS names. Stateless. */
final class CertificateNames {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateNames.class);
    private static final int DNS_NAME = 2;

    private CertificateNames() {}

    /** Empty where the client has shown none. */
    static Set<String> of(HttpServerRequest request) {
        SSLSession session = request.sslSession();
        if (session == null) {
            return Set.of();
        }
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? names(certificate)
                    : Set.of();
        } catch (SSLPeerUnverifiedException none) {
            LOG.trace("The client has no certificate", none);
            return Set.of();
        }
    }

    static Set<String> names(X509Certificate certificate) {
        Set<String> names = new LinkedHashSet<>();
        try {
            new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .forEach(part -> names.add(part.getValue().toString()));
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                alternatives.stream()
                        .filter(alternative -> Integer.valueOf(DNS_NAME).equals(alternative.get(0)))
                        .forEach(alternative -> names.add(String.valueOf(alternative.get(1))));
            }
        } catch (InvalidNameException | CertificateParsingException unreadable) {
            LOG.warn("The names of a client's certificate cannot be read: {}", unreadable.toString());
        }
        return names;
    }
}
