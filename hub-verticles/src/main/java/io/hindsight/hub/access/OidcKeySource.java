package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The issuer's keys, asked for at the start, and again before they are old: no token waits for the network, but where a key is not known. The issuer may be away: known keys
 * are believed for a while, and it is asked again and again, one request at a time. Thread-safe.
 */
final class OidcKeySource implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OidcKeySource.class);
    private static final long NONE = -1;
    private static final int MAX_CAUSES = 5;

    private final Vertx vertx;
    private final URI name;
    private final OidcIssuer issuer;
    private final OidcLimits limits;

    private record Known(OidcKeys keys, long fetchedNs) {}

    /** Written under the lock, read by everybody. */
    private volatile @Nullable Known known;

    private volatile boolean down;

    // Guarded by this.
    private @Nullable Future<OidcKeys> running;
    private long attemptedNs;
    private long timer = NONE;
    private boolean closed;

    OidcKeySource(Vertx vertx, URI name, OidcIssuer issuer, OidcLimits limits) {
        this.vertx = vertx;
        this.name = name;
        this.issuer = issuer;
        this.limits = limits;
    }

    /** Asks for the first time, and waits for nothing: a Hub starts without its issuer. */
    void start() {
        fetch();
    }

    /** Those that are believed now; null where there are none. */
    @Nullable OidcKeys current() {
        Known latest = known;
        return latest != null && System.nanoTime() - latest.fetchedNs < limits.maxKeyAge().toNanos()
                ? latest.keys
                : null;
    }

    /** Those that are believed now; where there are none, the answer that is being waited for. Fails with UPSTREAM_UNREACHABLE. */
    Future<OidcKeys> keys() {
        OidcKeys believed = current();
        return believed != null ? Future.succeededFuture(believed) : answerUnderWay();
    }

    private synchronized Future<OidcKeys> answerUnderWay() {
        return running != null ? running : Future.failedFuture(unreachable());
    }

    /**
     * Others than these, among which a key is missing, if the issuer has others: it is asked, but not for every token. Fails with UPSTREAM_UNREACHABLE where it cannot be
     * asked.
     */
    synchronized Future<OidcKeys> newerThan(OidcKeys seen) {
        OidcKeys believed = current();
        if (believed != null && believed != seen) {
            return Future.succeededFuture(believed);
        }
        if (running == null && System.nanoTime() - attemptedNs < limits.refetchInterval().toNanos()) {
            return down ? Future.failedFuture(unreachable()) : Future.succeededFuture(seen);
        }
        return fetch();
    }

    private synchronized Future<OidcKeys> fetch() {
        if (running != null) {
            return running;
        }
        if (closed) {
            return Future.failedFuture(unreachable());
        }
        attemptedNs = System.nanoTime();
        Promise<OidcKeys> promise = Promise.promise();
        running = promise.future();
        issuer.fetch()
                .onSuccess(fetched -> {
                    answered(fetched);
                    promise.complete(fetched.keys());
                })
                .onFailure(failure -> {
                    failed(failure);
                    promise.fail(unreachable());
                });
        return promise.future();
    }

    private void answered(OidcIssuer.Fetched fetched) {
        OidcKeys keys = fetched.keys();
        boolean news = down || known == null || keys.size() == 0;
        synchronized (this) {
            known = new Known(keys, System.nanoTime());
            down = false;
            running = null;
            schedule(fresh(fetched.fresh()));
        }
        if (news) {
            LOG.info("oidc-issuer={} has keys={}, and {} that cannot be used.", name, keys.size(), keys.leftOut());
        }
    }

    private void failed(Throwable failure) {
        boolean news = !down;
        synchronized (this) {
            down = true;
            running = null;
            schedule(limits.retryInterval());
        }
        if (news) {
            LOG.warn(
                    "oidc-issuer={} cannot be asked for its keys: {}. {} It is asked again every {} s; that is not logged until it answers.",
                    name,
                    words(failure),
                    current() == null
                            ? "Its tokens are answered with UPSTREAM_UNREACHABLE."
                            : "Those known are believed for "
                                    + limits.maxKeyAge().toHours()
                                    + " h after they were fetched.",
                    limits.retryInterval().toSeconds());
        }
    }

    /** With the causes, because of TLS the first says nothing. */
    private static String words(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MAX_CAUSES)
                .map(each -> each.getMessage() == null ? each.getClass().getSimpleName() : each.getMessage())
                .distinct()
                .collect(Collectors.joining(": "));
    }

    private Duration fresh(@Nullable Duration said) {
        Duration wanted = said == null ? limits.defaultFresh() : said;
        Duration atLeast = wanted.compareTo(limits.minFresh()) < 0 ? limits.minFresh() : wanted;
        return atLeast.compareTo(limits.maxFresh()) > 0 ? limits.maxFresh() : atLeast;
    }

    /** Called under the lock. */
    private void schedule(Duration delay) {
        vertx.cancelTimer(timer);
        timer = closed ? NONE : vertx.setTimer(delay.toMillis(), now -> fetch());
    }

    private HindsightException unreachable() {
        return new HindsightException(
                ErrorCode.UPSTREAM_UNREACHABLE,
                "The OpenID Connect issuer " + name + " cannot be asked for its keys; the Hub's log says why.");
    }

    /** Whether it does not answer. */
    boolean isDown() {
        return down;
    }

    @Override
    public synchronized void close() {
        closed = true;
        vertx.cancelTimer(timer);
        timer = NONE;
        issuer.close();
    }
}
