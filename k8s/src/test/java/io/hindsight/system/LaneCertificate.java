package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;

/** A certificate of the Hub that the agent trusts, and nothing else. */
record LaneCertificate(Path key, Path certificate) {
    /** Makes a new one; its files lie in the folder. */
    static LaneCertificate in(Path folder) {
        LaneCertificate made = new LaneCertificate(folder.resolve("key.pem"), folder.resolve("certificate.pem"));
        ToolResult result =
                Tools.run(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=hub",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        made.key.toString(),
                        "-out",
                        made.certificate.toString());
        assertThat(result.succeeded().exit()).isZero();
        return made;
    }

    LaneContract.Ends ends() {
        return new LaneContract.Ends(
                new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                                new PemKeyCertOptions().setKeyPath(key.toString()).setCertPath(certificate.toString())),
                new NetClientOptions()
                        .setSsl(true)
                        .setHostnameVerificationAlgorithm("HTTPS")
                        .setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString())));
    }
}
