package io.hindsight.chart;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a certificate says. */
final class Certificates {
    /** GeneralName of RFC 5280: dNSName. */
    private static final int DNS_NAME = 2;

    private Certificates() {}

    static X509Certificate parse(byte[] pem) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    static List<String> dnsNames(X509Certificate certificate) throws CertificateException {
        return certificate.getSubjectAlternativeNames().stream()
                .filter(name -> name.getFirst().equals(DNS_NAME))
                .map(name -> (String) name.get(1))
                .toList();
    }
}
