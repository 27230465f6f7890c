package io.hindsight.cluster;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Set;

/**
 * A Vert.x whose event bus spans the Hub, agents and other Java programs of one cluster. Every connection of it is TLS with a certificate of the cluster's
 * own authority at both ends, and who joins proves that it knows the secret. A member is trusted as the Hub is: it may order agents about, and read what
 * they record.
 *
 * <pre>{@code
 * BusCluster cluster = BusCluster.load(config);
 * Vertx vertx = cluster.join(Vertx.builder().with(cluster.apply(new VertxOptions()))).await();
 * }</pre>
 *
 * <p>Closing that Vert.x leaves the cluster. Immutable; one member for each.
 */
public final class BusCluster {
    /** A connection on which nothing comes back for the two together is closed, and what waits for it fails. */
    private static final long PING_MS = 5_000;

    private static final long PONG_MS = 10_000;

    private final BusClusterConfig config;
    private final ClusterFiles files;

    private BusCluster(BusClusterConfig config, ClusterFiles files) {
        this.config = config;
        this.files = files;
    }

    /**
     * Reads certificate, key, authority and secret; blocks on the disk.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the file that cannot be used
     */
    public static BusCluster load(BusClusterConfig config) {
        return new BusCluster(config, ClusterFiles.read(config));
    }

    /** The same options with the bus on its port, over mutual TLS. Host names are not compared: who has a certificate of the authority is a member. */
    public VertxOptions apply(VertxOptions options) {
        EventBusOptions bus = new EventBusOptions();
        bus.setHost(config.host())
                .setPort(config.busPort())
                .setClusterPingInterval(PING_MS)
                .setClusterPingReplyInterval(PONG_MS);
        bus.setSsl(true)
                .setTrustAll(false)
                .setClientAuth(ClientAuth.REQUIRED)
                .setKeyCertOptions(new PemKeyCertOptions().addCertValue(files.certificate()).addKeyValue(files.key()))
                .setTrustOptions(new PemTrustOptions().addCertValue(files.authority()))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        return options.setEventBusOptions(bus);
    }

    /**
     * Joins, with a builder that has the options of {@link #apply}. Takes a few seconds; where nobody else is there, this member is the first, and finds the
     * others later.
     *
     * @return with {@link ChunkCodec} and {@link ChunkPieceCodec} registered; failed where the cluster refuses this member or a port is taken
     */
    public Future<Vertx> join(VertxBuilder builder) {
        String name = ClusterCaches.memberName(config.host(), config.membershipPort());
        ClusterMember member =
                new ClusterMember(config, ClusterCaches.manager(new ClusterChannel(config, files), name));
        return builder.withClusterManager(member).buildClustered().map(this::ready);
    }

    /** Before anybody listens. */
    private Vertx ready(Vertx vertx) {
        new BusSeal(files.secret()).seal(vertx.eventBus());
        vertx.eventBus().registerCodec(new ChunkCodec()).registerCodec(new ChunkPieceCodec());
        return vertx;
    }
}
