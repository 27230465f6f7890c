package io.hindsight.hub.nodes;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells at intervals which nodes should have an agent. One reading at a time; the next begins an interval after the last has ended, and later the
 * longer the API server is away. What was known last stays known. One context.
 */
public final class DaemonSetWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DaemonSetWatch.class);

    /** Between the end of a reading and the next. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final KubernetesApi api;
    private final DaemonSetReader reader;
    private final Duration interval;
    private final Consumer<Expectation> listener;
    private Expectation known;
    private long waitMs;
    private boolean stopped;

    /** Nothing happens before {@link #start()}. It closes the API's client. */
    public DaemonSetWatch(
            Vertx vertx,
            KubernetesApi api,
            InstantSource clock,
            String daemonSet,
            Duration interval,
            NodeRegistry nodes) {
        this.vertx = vertx;
        this.api = api;
        this.reader = new DaemonSetReader(api, clock, daemonSet);
        this.interval = interval;
        this.listener = nodes::expect;
        this.known = Expectation.unread(daemonSet);
        this.waitMs = interval.toMillis();
    }

    /** Reads at once. */
    public void start() {
        listener.accept(known);
        read();
    }

    /** For good. */
    public void stop() {
        stopped = true;
        api.close();
    }

    private void read() {
        if (!stopped) {
            // Through a mapper, which makes a failure of whatever the client throws: the readings must not end by it.
            Future.succeededFuture().compose(now -> reader.read()).onComplete(this::read);
        }
    }

    private void read(AsyncResult<Expectation> answer) {
        if (stopped) {
            return;
        }
        if (answer.succeeded()) {
            if (known.problem() != null) {
                LOG.info("daemonset={} can be read again", known.daemonSet());
            }
            waitMs = interval.toMillis();
            known = answer.result();
        } else {
            failed(answer.cause());
        }
        listener.accept(known);
        vertx.setTimer(waitMs, timer -> read());
    }

    private void failed(Throwable cause) {
        String why =
                cause instanceof HindsightException told && told.code() == ErrorCode.UPSTREAM_UNREACHABLE
                        ? ClusterWords.of(String.valueOf(told.getMessage())) + "."
                        : "What the API server answered cannot be read: "
                                + ClusterWords.of(String.valueOf(cause))
                                + ".";
        if (!why.equals(known.problem())) {
            LOG.warn(
                    "daemonset={} cannot be read; what was known at={} stays: {}",
                    known.daemonSet(),
                    known.readAt(),
                    why);
        }
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT.toMillis());
        known = known.stale(why);
    }
}
