package io.hindsight.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a process is a member of a clustered event bus. Immutable; validated by {@link ConfigProblems} when it is made.
 *
 * @param host address of this member, for the others too; default 127.0.0.1
 * @param busPort messages; default 57800
 * @param membershipPort who is a member; default 7800
 * @param peers members to look for, each by its membership port; this one may be among them
 * @param tls certificate to show and authority of every member: one of the cluster's own, because whoever has a certificate of it may speak to its members
 * @param secretFile file with what a member has to know besides
 */
public record BusClusterConfig(
        String host, int busPort, int membershipPort, List<Peer> peers, TlsFiles tls, @Nullable Path secretFile) {
    private static final Pattern ANY_ADDRESS = Pattern.compile("0\\.0\\.0\\.0|::|\\[::]|\\*");
    private static final int HIGHEST_PORT = 65_535;

    /**
     * Where a member listens.
     *
     * @param host name or address
     * @param port of its membership
     */
    public record Peer(String host, int port) {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    public BusClusterConfig {
        peers = List.copyOf(peers);
        ConfigProblems problems = new ConfigProblems("cluster");
        problems.check(
                        !host.isBlank() && !ANY_ADDRESS.matcher(host).matches(),
                        "cluster-host",
                        "is the one address at which the other members reach this one, got \"" + host + "\"")
                .check(isPort(busPort), "cluster-port", "is 1 to 65535, got " + busPort)
                .check(isPort(membershipPort), "cluster-membership-port", "is 1 to 65535, got " + membershipPort)
                .check(busPort != membershipPort, "cluster-port", "and cluster-membership-port are two ports");
        for (Peer peer : peers) {
            problems.check(
                    isPort(peer.port()),
                    "cluster-peers",
                    "names ports of 1 to 65535, got " + peer.host() + ":" + peer.port());
        }
        require(problems, tls.certificate(), "cluster-cert", "the certificate that this member shows");
        require(problems, tls.key(), "cluster-key", "the key of cluster-cert");
        require(problems, tls.authority(), "cluster-ca", "the authority of every member's certificate");
        require(problems, secretFile, "cluster-secret-file", "the secret that every member knows");
        problems.throwIfAny();
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= HIGHEST_PORT;
    }

    /** Without them anybody who reaches the ports could join, read every packet and order agents about. */
    private static void require(ConfigProblems problems, @Nullable Path file, String key, String what) {
        problems.check(file != null, key, "names a file where clustered=true: " + what);
    }

    /** Chain that this member shows. */
    public Path certificate() {
        return Objects.requireNonNull(tls.certificate());
    }

    /** Private key of {@link #certificate}. */
    public Path key() {
        return Objects.requireNonNull(tls.key());
    }

    /** Of every member's certificate. */
    public Path authority() {
        return Objects.requireNonNull(tls.authority());
    }

    /** What every member knows. */
    public Path secret() {
        return Objects.requireNonNull(secretFile);
    }
}
