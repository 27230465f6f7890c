package io.hindsight.cluster;

import io.hindsight.config.BusClusterConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Completable;
import io.vertx.core.Vertx;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.ext.cluster.infinispan.InfinispanClusterManager;
import java.net.BindException;
import java.util.List;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachemanagerlistener.annotation.Merged;
import org.infinispan.notifications.cachemanagerlistener.annotation.ViewChanged;
import org.infinispan.notifications.cachemanagerlistener.event.ViewChangedEvent;
import org.infinispan.remoting.transport.Address;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process in the cluster: joins when its Vert.x starts, leaves when that is closed, and says who else is there. Vert.x's own manager takes the caches as
 * they are given to it, and neither starts nor stops them.
 */
final class ClusterMember extends InfinispanClusterManager {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterMember.class);

    private static final long TELL_ANEW_MS = 5_000;

    private final BusClusterConfig config;
    private final DefaultCacheManager caches;
    private final OwnRegistrations own = new OwnRegistrations();
    private @Nullable Vertx vertx;
    private long toldAnewTimer = -1;

    ClusterMember(BusClusterConfig config, DefaultCacheManager caches) {
        super(caches);
        this.config = config;
        this.caches = caches;
    }

    @Override
    public void init(Vertx owner) {
        super.init(owner);
        vertx = owner;
    }

    /** Blocking threads of Vert.x do what waits for others. */
    @Override
    public void join(Completable<Void> joined) {
        started()
                .executeBlocking(
                        () -> {
                            start();
                            return null;
                        },
                        false)
                .onComplete(done -> {
                    if (done.succeeded()) {
                        toldAnewTimer = started().setPeriodic(TELL_ANEW_MS, timer -> tellAnew());
                        super.join(joined);
                    } else {
                        joined.fail(refused(done.cause()));
                    }
                });
    }

    private void start() {
        caches.start();
        caches.addListener(new Members());
        told(caches.getMembers());
    }

    private void told(List<Address> members) {
        if (members.size() == 1 && !config.peers().isEmpty()) {
            LOG.warn(
                    "cluster: this member is alone. None of peers={} answers with a certificate of cluster-ca={} and the secret;"
                            + " they are asked again and again.",
                    config.peers(),
                    config.authority());
        } else {
            LOG.info("cluster members={}", members);
        }
    }

    @Override
    public void addRegistration(String address, RegistrationInfo registration, Completable<Void> done) {
        own.added(address, registration);
        super.addRegistration(address, registration, done);
    }

    @Override
    public void removeRegistration(String address, RegistrationInfo registration, Completable<Void> done) {
        own.removed(address, registration);
        super.removeRegistration(address, registration, done);
    }

    /** What the others should know of this member, and do not; each looks at its own copy of what is common. */
    private void tellAnew() {
        NodeInfo info = getNodeInfo();
        if (!isActive() || info == null) {
            return;
        }
        getNodeInfo(
                getNodeId(),
                (known, unknown) -> {
                    if (unknown != null) {
                        setNodeInfo(info, (nothing, failure) -> toldAnew("its address", failure));
                    }
                });
        own.now().forEach((address, all) -> all.forEach(each -> tellAnew(address, each)));
    }

    private void tellAnew(String address, RegistrationInfo registration) {
        getRegistrations(
                address,
                (known, failure) -> {
                    if (failure == null && !known.contains(registration) && own.holds(address, registration)) {
                        super.addRegistration(address, registration, (nothing, refused) -> toldAnew(address, refused));
                    }
                });
    }

    private static void toldAnew(String what, @Nullable Throwable failure) {
        if (failure == null) {
            LOG.info("cluster: the others had lost {} of this member; it was told anew.", what);
        } else {
            LOG.debug("cluster: {} of this member could not be told anew; later again.", what, failure);
        }
    }

    private HindsightException refused(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SecurityException) {
                return new HindsightException(
                        ErrorCode.FORBIDDEN,
                        "The cluster refuses this member: what cluster-secret-file="
                                + config.secret()
                                + " holds is not what its members know ("
                                + cause.getMessage()
                                + ").",
                        failure);
            }
            if (cause instanceof BindException) {
                return new HindsightException(
                        ErrorCode.IO_FAILED,
                        "Cannot listen on cluster-host="
                                + config.host()
                                + " cluster-membership-port="
                                + config.membershipPort()
                                + ": "
                                + cause.getMessage()
                                + ".",
                        failure);
            }
        }
        return new HindsightException(
                ErrorCode.INTERNAL,
                "The cluster could not be joined at cluster-host="
                        + config.host()
                        + " cluster-membership-port="
                        + config.membershipPort()
                        + ": "
                        + failure.getMessage(),
                failure);
    }

    @Override
    public void leave(Completable<Void> left) {
        started().cancelTimer(toldAnewTimer);
        super.leave((nothing, failure) ->
                started()
                        .executeBlocking(
                                () -> {
                                    caches.stop();
                                    return null;
                                },
                                false)
                        .onComplete(done -> {
                            if (failure != null) {
                                left.fail(failure);
                            } else if (done.succeeded()) {
                                left.succeed();
                            } else {
                                left.fail(done.cause());
                            }
                        }));
    }

    private Vertx started() {
        if (vertx == null) {
            throw new IllegalStateException("A member belongs to a Vert.x.");
        }
        return vertx;
    }

    /** Public methods, which Infinispan calls by reflection. */
    @Listener
    public final class Members {
        private Members() {}

        /** Somebody came or went, or two parts of the cluster have found each other. */
        @ViewChanged
        @Merged
        public void changed(ViewChangedEvent view) {
            told(view.getNewMembers());
        }
    }
}
