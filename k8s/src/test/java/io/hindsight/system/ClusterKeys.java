package io.hindsight.system;

import io.hindsight.config.BusClusterConfig;
import io.hindsight.config.BusClusterConfig.Peer;
import io.hindsight.config.TlsFiles;
import io.hindsight.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What members of a cluster on this machine need: certificates, the secret, ports; and the same for those who should not get in. */
final class ClusterKeys {
    private final TestCertificates authority;
    private final TestCertificates.Pem member;
    private final TestCertificates other;
    private final TestCertificates.Pem stranger;

    /** Whoever trusts these takes the cluster's members, and its own certificate. */
    private final Path bothAuthorities;

    private final Path secret;
    private final Path wrongSecret;

    /** Two ports that were free a moment ago. */
    record Ports(int bus, int membership) {
        static Ports free() throws IOException {
            try (ServerSocket first = socket();
                    ServerSocket second = socket()) {
                return new Ports(first.getLocalPort(), second.getLocalPort());
            }
        }

        private static ServerSocket socket() throws IOException {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }

        Peer peer() {
            return new Peer("127.0.0.1", membership);
        }
    }

    ClusterKeys(Path folder) throws IOException {
        authority = new TestCertificates(Files.createDirectories(folder.resolve("authority")));
        member = authority.issued("member", "");
        other = new TestCertificates(Files.createDirectories(folder.resolve("other-authority")));
        stranger = other.issued("stranger", "");
        bothAuthorities =
                Files.writeString(
                        folder.resolve("both.crt"),
                        Files.readString(authority.authority()) + Files.readString(other.authority()));
        secret = Files.writeString(folder.resolve("secret"), "a-secret-of-this-cluster\n");
        wrongSecret = Files.writeString(folder.resolve("wrong-secret"), "a-secret-of-another-one\n");
    }

    /** Of the program. */
    List<String> options(Ports own, Ports... peers) {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "--clustered",
                                "--cluster-port",
                                "" + own.bus(),
                                "--cluster-membership-port",
                                "" + own.membership(),
                                "--cluster-cert",
                                member.certificate().toString(),
                                "--cluster-key",
                                member.key().toString(),
                                "--cluster-ca",
                                authority.authority().toString(),
                                "--cluster-secret-file",
                                secret.toString()));
        for (Ports peer : peers) {
            options.addAll(List.of("--cluster-peers", peer.peer().toString()));
        }
        return options;
    }

    /** A Java program that is a member. */
    BusClusterConfig member(Ports own, Ports peer) {
        return config(own, peer, tls(), secret);
    }

    /** With a certificate, and without the secret. */
    BusClusterConfig withoutSecret(Ports own, Ports peer) {
        return config(own, peer, tls(), wrongSecret);
    }

    /** With the secret, and a certificate of another authority. */
    BusClusterConfig ofAnotherAuthority(Ports own, Ports peer) {
        return config(own, peer, new TlsFiles(stranger.certificate(), stranger.key(), bothAuthorities), secret);
    }

    TlsFiles tls() {
        return new TlsFiles(member.certificate(), member.key(), authority.authority());
    }

    private static BusClusterConfig config(Ports own, Ports peer, TlsFiles tls, Path secretFile) {
        return new BusClusterConfig("127.0.0.1", own.bus(), own.membership(), List.of(peer.peer()), tls, secretFile);
    }
}
