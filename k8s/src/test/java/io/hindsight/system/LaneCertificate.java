package io.hindsight.system;

import io.hindsight.testing.TestCertificates;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate of the Hub, and the authority that the agent trusts. */
record LaneCertificate(TestCertificates.Pem hub, Path authority) {
    /** Makes a new one; its files lie below the folder. */
    static LaneCertificate in(Path folder) {
        TestCertificates certificates = new TestCertificates(newFolder(folder));
        return new LaneCertificate(certificates.issued("hub", "san=ip:127.0.0.1"), certificates.authority());
    }

    LaneContract.Ends ends() {
        PemKeyCertOptions shown =
                new PemKeyCertOptions().setKeyPath(hub.key().toString()).setCertPath(hub.certificate().toString());
        return new LaneContract.Ends(
                new HttpServerOptions().setSsl(true).setKeyCertOptions(shown),
                new NetClientOptions()
                        .setSsl(true)
                        .setHostnameVerificationAlgorithm("HTTPS")
                        .setTrustOptions(new PemTrustOptions().addCertPath(authority.toString())));
    }

    private static Path newFolder(Path folder) {
        try {
            return Files.createTempDirectory(folder, "certificates");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
