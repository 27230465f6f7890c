package io.hindsight.agent.filter;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.filter.StoredCapture.StoredPods;
import io.hindsight.agent.kubernetes.PodFollower;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a node records true to the cluster's policy and to the node's pods, tells what was recorded when, and keeps both in a {@link FilterFile} over restarts.
 *
 * <p>It fails open: where the policy cannot be followed — pods are not known, or are too many for the kernel — everything is recorded that the rest of it allows, and the status says so. What
 * is recorded too much can be left out of a snapshot; what was not recorded is gone.
 *
 * <p>{@link #first}, {@link #started}, {@link #order}, {@link #update} and {@link #close} block, for compiling, attaching and syncing: they run on a worker, one at a time, which the lock makes
 * so. The rest is for any thread.
 */
public final class CaptureController {
    /** Characters of an expression that are told. */
    static final int MAX_EXPRESSION_CHARS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(CaptureController.class);

    /** Without news: pods that are gone are forgotten, and an API server that does not answer is noticed. */
    private static final long UPDATE_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /** Changes because of pods alone are written this often at most. */
    private static final long WRITE_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final PodFollower pods;
    private final Clock clock;
    private final FilterFile file;
    private final PolicyResolver resolver;
    private final CaptureFilter setting;
    private final OwnConnections connections = new OwnConnections();
    private final CaptureHistory history = new CaptureHistory();

    // Guarded by this object's lock.
    private @Nullable CheckedOrder order;
    private WantedCapture wanted;
    private CaptureFilter inForce;
    private @Nullable ToLongFunction<CaptureFilter> source;
    private @Nullable String startProblem;
    private @Nullable String lastFailure;
    private boolean unwritten;
    private long writtenNs;

    // Written under the lock, read by any thread.
    private volatile @Nullable NodeCapture status;
    private volatile long podsSeen;
    private volatile long connectionsSeen;
    private volatile long updatedNs;

    public CaptureController(AgentConfig config, PodFollower pods, Clock clock) {
        this.pods = pods;
        this.clock = clock;
        this.file = new FilterFile(config.ringDirectory());
        this.resolver = new PolicyResolver(config.captureFilter());
        this.setting = CaptureFilter.of(config.captureFilter());
        this.inForce = setting;
        this.wanted = new WantedCapture(setting, 0, null);
    }

    /** What the packet source starts with: what was ordered before this process began. */
    public synchronized CaptureFilter first() {
        try {
            restore(file.read());
        } catch (HindsightException broken) {
            LOG.error("{} Everything is recorded until a Hub says what.", broken.getMessage());
            startProblem = broken.getMessage() + " Everything is recorded until a Hub says what.";
        }
        wanted = resolver.resolve(order, pods.pods(), connections.now(), System.nanoTime());
        return wanted.filter();
    }

    private void restore(StoredCapture stored) {
        stored.changes().forEach(history::add);
        CaptureOrder before = stored.order();
        if (before == null) {
            return;
        }
        try {
            CheckedOrder checked = CheckedOrder.of(before);
            StoredPods known = stored.pods();
            if (known != null) {
                resolver.remember(checked.policy(), known.sets());
            }
            order = checked;
        } catch (HindsightException unusable) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "The stored capture policy cannot be used: " + unusable.getMessage(),
                    unusable);
        }
    }

    /** The source could not start with {@link #first}: it is started with what this returns. */
    public synchronized CaptureFilter refused(HindsightException refusal) {
        LOG.error("What was ordered to be recorded cannot be, so everything is: {}", refusal.getMessage());
        wanted = new WantedCapture(setting, 0, null); // so that it is tried again
        startProblem = "What was ordered cannot be recorded, so everything is: " + refusal.getMessage();
        return setting;
    }

    /**
     * Packets are being recorded.
     *
     * @param running attaches a filter and tells when, as {@link io.hindsight.agent.capture.PacketSource#filter} does
     * @param attached what it has
     * @param atNs since when
     */
    public synchronized void started(ToLongFunction<CaptureFilter> running, CaptureFilter attached, long atNs) {
        source = running;
        inForce = attached;
        WantedCapture now = startProblem == null ? wanted : wanted.with(attached, 0, startProblem);
        tell(order, now, atNs);
        write();
    }

    /** Whether {@link #update} has something to do. Cheap. */
    public boolean isDue() {
        return status != null
                && (pods.podChanges() != podsSeen
                        || connections.changes() != connectionsSeen
                        || System.nanoTime() - updatedNs >= UPDATE_INTERVAL_NS);
    }

    /** A connection of this program is open; see {@link OwnTraffic}. */
    public void connected(JsonObject endpoint) {
        OwnConnections.parse(endpoint).ifPresent(connections::add);
    }

    /** What is recorded; null of an agent that records no packets. */
    public @Nullable NodeCapture status() {
        return status;
    }

    /** What was recorded when: the change before the window, and those within it, oldest first. */
    public List<CaptureChange> changes(TimeWindow window) {
        return history.of(window);
    }

    /**
     * Record this from now on. Returns when the kernel has it and a restart would know it.
     *
     * @throws HindsightException INVALID_REQUEST, INVALID_FILTER: nothing has changed; IO_FAILED: the source cannot change now; WRONG_STATE of an agent that records no packets
     */
    public synchronized NodeCapture order(CaptureOrder given) {
        if (status == null) {
            throw new HindsightException(
                    ErrorCode.WRONG_STATE, "This agent records no packets: there is nothing that could be captured.");
        }
        CheckedOrder next = CheckedOrder.of(given);
        CheckedOrder before = order;
        if (before == null || !next.order().equals(before.order())) {
            apply(next);
            order = next;
            write();
            LOG.info(
                    "capture revision={} by={} pods={} records: {}",
                    next.state().revision(),
                    next.state().changedBy(),
                    wanted.pods(),
                    inForce.isEverything() ? "everything" : inForce.text(MAX_EXPRESSION_CHARS));
        }
        return Objects.requireNonNull(status);
    }

    /** Follows pods and own connections. A change that cannot be made now is tried again. */
    public synchronized void update() {
        updatedNs = System.nanoTime();
        if (source == null) {
            return;
        }
        try {
            apply(order);
            lastFailure = null;
        } catch (HindsightException failed) {
            if (!Objects.equals(lastFailure, failed.getMessage())) {
                lastFailure = failed.getMessage();
                LOG.error("What is recorded cannot follow the node's pods now: {}", failed.getMessage());
            }
        }
        if (unwritten && System.nanoTime() - writtenNs >= WRITE_INTERVAL_NS) {
            write();
        }
    }

    private void apply(@Nullable CheckedOrder next) {
        podsSeen = pods.podChanges();
        connectionsSeen = connections.changes();
        WantedCapture asked = resolver.resolve(next, pods.pods(), connections.now(), System.nanoTime());
        boolean same = next == order && asked.equals(wanted);
        if (!same) {
            attach(next, asked);
            wanted = asked;
            startProblem = null;
        }
    }

    private void attach(@Nullable CheckedOrder next, WantedCapture asked) {
        ToLongFunction<CaptureFilter> running = Objects.requireNonNull(source);
        try {
            long atNs = attach(running, asked.filter());
            tell(next, asked, atNs);
        } catch (HindsightException refusal) {
            if (refusal.code() == ErrorCode.WRONG_STATE) {
                tell(next, asked.with(inForce, 0, String.valueOf(refusal.getMessage())), nowNs());
            } else if (refusal.code() == ErrorCode.INVALID_FILTER && hasPods(asked.filter())) {
                long atNs = attach(running, asked.filter().withoutPods());
                String problem =
                        "The addresses of pods="
                                + asked.pods()
                                + " do not fit into the kernel, so packets of all pods are recorded: "
                                + refusal.getMessage();
                LOG.warn("{}", problem);
                tell(next, asked.with(inForce, 0, problem), atNs);
            } else {
                throw refusal;
            }
        }
    }

    private static boolean hasPods(CaptureFilter filter) {
        return filter.only() != null || !filter.except().isEmpty();
    }

    private long attach(ToLongFunction<CaptureFilter> running, CaptureFilter filter) {
        if (filter.equals(inForce)) {
            return nowNs();
        }
        long atNs = running.applyAsLong(filter);
        inForce = filter;
        return atNs;
    }

    private long nowNs() {
        return EpochNanos.of(clock.instant());
    }

    private void tell(@Nullable CheckedOrder following, WantedCapture now, long atNs) {
        CaptureState state = following == null ? null : following.state();
        NodeCapture told =
                new NodeCapture(
                        state == null ? 0 : state.revision(),
                        inForce.text(MAX_EXPRESSION_CHARS),
                        now.pods(),
                        now.problem());
        history.add(
                new CaptureChange(
                        atNs,
                        told.revision(),
                        state == null ? null : state.policy(),
                        state == null ? null : state.changedBy(),
                        told.expression(),
                        told.pods(),
                        told.problem()));
        status = told;
        unwritten = true;
    }

    private void write() {
        CheckedOrder following = order;
        PodSets sets = following == null ? null : resolver.known(following.policy());
        try {
            file.write(
                    new StoredCapture(
                            StoredCapture.VERSION,
                            following == null ? null : following.order(),
                            sets == null ? null : StoredPods.of(sets),
                            history.all()));
            unwritten = false;
        } catch (IOException e) {
            LOG.error("What is to be recorded could not be stored, and a restart would not know it.", e);
        }
        writtenNs = System.nanoTime();
    }

    /** Stores what was not stored yet. */
    public synchronized void close() {
        source = null;
        if (unwritten && status != null) {
            write();
        }
    }
}
