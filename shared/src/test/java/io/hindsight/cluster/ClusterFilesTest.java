package io.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.config.BusClusterConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFilesTest {
    @TempDir static Path folder;
    @TempDir static Path otherFolder;
    private static TestCertificates cluster;
    private static TestCertificates.Pem member;

    @BeforeAll
    static void make() {
        cluster = new TestCertificates(folder);
        member = cluster.issued("member", "");
    }

    private static ClusterFiles read(Path certificate, Path key, Path authority) {
        try {
            Path secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef");
            return ClusterFiles.read(
                    new BusClusterConfig(
                            "127.0.0.1", 57_800, 7_800, List.of(), new TlsFiles(certificate, key, authority), secret));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(Path certificate, Path key, Path authority) {
        assertThatThrownBy(() -> read(certificate, key, authority))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining("other members would refuse this one")
                .hasMessageContaining("cluster-cert=" + certificate);
    }

    @Test
    void shouldTakeWhatOtherMembersTake() {
        assertThat(read(member.certificate(), member.key(), cluster.authority()).context()).isNotNull();
    }

    @Test
    void shouldRefuseTheKeyOfAnotherCertificate() {
        assertRefused(member.certificate(), cluster.issued("other", "").key(), cluster.authority());
    }

    @Test
    void shouldRefuseACertificateOfAnotherAuthority() {
        assertRefused(member.certificate(), member.key(), new TestCertificates(otherFolder).authority());
    }

    @Test
    void shouldRefuseACertificateForServersAlone() {
        TestCertificates.Pem server = cluster.issued("server", "eku=serverAuth");
        assertRefused(server.certificate(), server.key(), cluster.authority());
    }

    /** An agent that starts at night with an old certificate records all the same. */
    @Test
    void shouldStartWithACertificateWhoseTimeIsOver() {
        TestCertificates.Pem old = cluster.issued("old", "", "-10d", 5);
        assertThat(read(old.certificate(), old.key(), cluster.authority()).context()).isNotNull();
    }
}
