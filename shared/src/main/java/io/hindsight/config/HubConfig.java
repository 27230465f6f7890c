package io.hindsight.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a Hub needs to know. Immutable; validated by {@link ConfigProblems} when it is made.
 *
 * @param snapshotDirectory the snapshot volume: {@code DIR/snapshots}
 * @param host address to listen on; default 127.0.0.1
 * @param port 0: any free one; default 8899
 * @param tokenFile file with the bearer token(s); required where {@code host} is not a loopback address
 * @param maxConcurrentSnapshots running at once; default 32
 * @param streamCredit bytes under way for each node of a snapshot; default 32Mi, at least two slots
 * @param syncInterval {@code fdatasync} at least this often while a file is written; default 1 s
 * @param syncBytes {@code fdatasync} after this many bytes; default 64Mi
 * @param reserveFree bytes of the volume that snapshots never take; default 64Mi
 * @param scrubRate bytes a second at which sealed snapshots are verified in the background; default 20Mi, 0: never
 * @param scrubInterval each is verified again after this time; default 7 days
 * @param tls of this server; with an authority, agents may show a certificate of it in place of a token
 * @param insecure whether it may listen without TLS where others reach it; default false
 * @param laneMemory bytes of chunks that have arrived from other machines and are not written yet, all together; default 128Mi
 * @param nodePatience how long a session waits for a node that broke off; default 60 s
 * @param volume quota and retention; default: none
 * @param access who else says who a caller is; default: nobody
 * @param cluster what nodes record and which there should be; default: everything, and those that come
 * @param tcpBridgePort where programs join the event bus over TCP; 0: nowhere, the default
 */
public record HubConfig(
        Path snapshotDirectory,
        String host,
        int port,
        @Nullable Path tokenFile,
        int maxConcurrentSnapshots,
        DataSize streamCredit,
        Duration syncInterval,
        DataSize syncBytes,
        DataSize reserveFree,
        DataSize scrubRate,
        Duration scrubInterval,
        TlsFiles tls,
        boolean insecure,
        DataSize laneMemory,
        Duration nodePatience,
        VolumeRules volume,
        AccessConfig access,
        ClusterConfig cluster,
        int tcpBridgePort) {
    public HubConfig {
        ConfigProblems problems = new ConfigProblems("hub");
        tls.check(problems);
        volume.check(problems);
        access.check(problems);
        cluster.check(problems);
        problems.check(port >= 0 && port <= 65_535, "port", "is 0 to 65535, got " + port)
                .check(
                        maxConcurrentSnapshots >= 1 && maxConcurrentSnapshots <= 1_000,
                        "max-concurrent-snapshots",
                        "is 1 to 1000, got " + maxConcurrentSnapshots)
                .check(
                        streamCredit.bytes() >= 1L << 20 && streamCredit.bytes() <= 1L << 30,
                        "stream-credit",
                        "is 1Mi to 1Gi, got " + streamCredit)
                .check(
                        syncInterval.toMillis() >= 10 && syncInterval.toSeconds() <= 60,
                        "sync-interval",
                        "is 10 ms to 60 s, got " + syncInterval)
                .check(syncBytes.bytes() >= 1L << 20, "sync-bytes", "is at least 1Mi, got " + syncBytes)
                .check(
                        scrubRate.bytes() == 0 || scrubRate.bytes() >= 1L << 16,
                        "scrub-rate",
                        "is 0 or at least 64Ki, got " + scrubRate)
                .check(
                        scrubInterval.toMillis() >= 1_000 && scrubInterval.toDays() <= 3_650,
                        "scrub-interval",
                        "is 1 s to 3650 days, got " + scrubInterval)
                .check(
                        tls.authority() == null || tls.hasCertificate(),
                        "tls-ca",
                        "of a Hub takes tls-cert and tls-key too: agents show certificates over TLS alone")
                .check(
                        laneMemory.bytes() >= 64L << 20,
                        "lane-memory",
                        "is at least 64Mi, the largest chunk there can be, got " + laneMemory)
                .check(
                        nodePatience.toMillis() >= 0 && nodePatience.toHours() < 1,
                        "node-patience",
                        "is 0 to less than an hour, got " + nodePatience)
                .check(
                        tcpBridgePort >= 0 && tcpBridgePort <= 65_535,
                        "tcp-bridge-port",
                        "is 0 to 65535, got " + tcpBridgePort)
                .throwIfAny();
    }

    /** A Hub whose event bus is not joined over TCP. */
    public HubConfig(
            Path snapshotDirectory,
            String host,
            int port,
            @Nullable Path tokenFile,
            int maxConcurrentSnapshots,
            DataSize streamCredit,
            Duration syncInterval,
            DataSize syncBytes,
            DataSize reserveFree,
            DataSize scrubRate,
            Duration scrubInterval,
            TlsFiles tls,
            boolean insecure,
            DataSize laneMemory,
            Duration nodePatience,
            VolumeRules volume,
            AccessConfig access,
            ClusterConfig cluster) {
        this(
                snapshotDirectory,
                host,
                port,
                tokenFile,
                maxConcurrentSnapshots,
                streamCredit,
                syncInterval,
                syncBytes,
                reserveFree,
                scrubRate,
                scrubInterval,
                tls,
                insecure,
                laneMemory,
                nodePatience,
                volume,
                access,
                cluster,
                0);
    }

    /** A Hub that keeps everything, takes nobody's word but its token file's, and lets nodes record everything. */
    public HubConfig(
            Path snapshotDirectory,
            String host,
            int port,
            @Nullable Path tokenFile,
            int maxConcurrentSnapshots,
            DataSize streamCredit,
            Duration syncInterval,
            DataSize syncBytes,
            DataSize reserveFree,
            DataSize scrubRate,
            Duration scrubInterval,
            TlsFiles tls,
            boolean insecure,
            DataSize laneMemory,
            Duration nodePatience) {
        this(
                snapshotDirectory,
                host,
                port,
                tokenFile,
                maxConcurrentSnapshots,
                streamCredit,
                syncInterval,
                syncBytes,
                reserveFree,
                scrubRate,
                scrubInterval,
                tls,
                insecure,
                laneMemory,
                nodePatience,
                VolumeRules.NONE,
                AccessConfig.NONE,
                ClusterConfig.NONE);
    }

    /** The same with other rules for its volume. */
    public HubConfig withVolume(VolumeRules rules) {
        return with(rules, access, cluster, tcpBridgePort);
    }

    /** The same with others whose word it takes. */
    public HubConfig withAccess(AccessConfig other) {
        return with(volume, other, cluster, tcpBridgePort);
    }

    /** The same of another cluster. */
    public HubConfig withCluster(ClusterConfig other) {
        return with(volume, access, other, tcpBridgePort);
    }

    /** The same whose event bus is joined over TCP at this port. */
    public HubConfig withTcpBridge(int otherPort) {
        return with(volume, access, cluster, otherPort);
    }

    private HubConfig with(
            VolumeRules otherVolume, AccessConfig otherAccess, ClusterConfig otherCluster, int otherTcpBridgePort) {
        return new HubConfig(
                snapshotDirectory,
                host,
                port,
                tokenFile,
                maxConcurrentSnapshots,
                streamCredit,
                syncInterval,
                syncBytes,
                reserveFree,
                scrubRate,
                scrubInterval,
                tls,
                insecure,
                laneMemory,
                nodePatience,
                otherVolume,
                otherAccess,
                otherCluster,
                otherTcpBridgePort);
    }

    /** A Hub on loopback with every default. */
    public static HubConfig withDefaults(Path snapshotDirectory, int port) {
        return new HubConfig(
                snapshotDirectory,
                "127.0.0.1",
                port,
                null,
                32,
                new DataSize(32L << 20),
                Duration.ofSeconds(1),
                new DataSize(64L << 20),
                new DataSize(64L << 20),
                new DataSize(20L << 20),
                Duration.ofDays(7),
                TlsFiles.NONE,
                false,
                new DataSize(128L << 20),
                Duration.ofSeconds(60));
    }
}
