package io.hindsight.agent.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.events.EventSource;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of Kubernetes objects: on a node those of its own pods, in a cluster's recorder those of what belongs to no node. One thread, {@value #THREAD}, owns the sink and everything that is
 * known; call-backs of the client only leave messages for it.
 *
 * <p>First every collection is listed, one after the other; then a checkpoint tells what is there; then the collections are watched from where their lists ended, so that nothing
 * in between is lost.
 */
public final class KubernetesEventSource implements EventSource {
    static final String THREAD = "hindsight-kubernetes-events";

    /** Messages that are dealt with before what they led to is committed. */
    static final int MAX_BATCH = 256;

    private static final Logger LOG = LoggerFactory.getLogger(KubernetesEventSource.class);
    private static final long LONGEST_WAIT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long STOP_TIMEOUT_MS = 5_000;

    private final Vertx vertx;
    private final Config config;
    private final String nodeName;
    private final boolean cluster;
    private final WatchPace pace;
    private final InstantSource clock;
    private final Inbox inbox = new Inbox();
    private final KnownObjects known = new KnownObjects();
    private final KnownPods pods = new KnownPods();
    private final PodAddresses addresses = new PodAddresses();

    private volatile @Nullable Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable String problem;

    // The source's thread.
    private final List<ResourceWatch> watches = new ArrayList<>();
    private boolean recording;
    private boolean checkpointWanted;
    private final List<CountDownLatch> drained = new ArrayList<>();

    KubernetesEventSource(
            Config config, String nodeName, boolean cluster, Vertx vertx, WatchPace pace, InstantSource clock) {
        this.config = config;
        this.nodeName = nodeName;
        this.cluster = cluster;
        this.vertx = vertx;
        this.pace = pace;
        this.clock = clock;
    }

    @Override
    public ChunkSource source() {
        return ChunkSource.KUBERNETES;
    }

    @Override
    public String name() {
        return cluster ? "kubernetes-cluster" : "kubernetes";
    }

    /** What is known now and was lately, for live answers. */
    public KnownObjects known() {
        return known;
    }

    /** Which pod a container of this node belongs to. */
    public KnownPods pods() {
        return pods;
    }

    /** The pods of this node and their addresses. */
    public PodAddresses addresses() {
        return addresses;
    }

    @Override
    public void start(EventSink sink) {
        ApiServer server = connect();
        Thread started = Thread.ofPlatform().name(THREAD).daemon().unstarted(() -> run(server, sink));
        thread = started;
        started.start();
        LOG.info("Kubernetes changes are recorded: source={} server={}", name(), server.address());
    }

    private ApiServer connect() {
        try {
            return new ApiServer(vertx, config);
        } catch (RuntimeException e) {
            // Certificates and keys are read here. The cause tells files, never their content.
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The API server at "
                            + config.getMasterUrl()
                            + " cannot be spoken to with what the configuration names: "
                            + e.getMessage()
                            + ".");
        }
    }

    private void run(ApiServer server, EventSink sink) {
        try (server;
                ChangeRecorder recorder =
                        new ChangeRecorder(sink, known, pods, addresses, cluster ? "Cluster" : "Pod")) {
            addWatches(server, recorder);
            while (!stopping) {
                work(sink);
                turn(sink, recorder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Recording changes of Kubernetes objects has ended.", e);
            problem = "Recording has ended by a defect: " + e + ".";
            addresses.tell(false, false);
        } finally {
            watches.forEach(ResourceWatch::close);
            sink.commit();
        }
    }

    private void addWatches(ApiServer server, ChangeRecorder recorder) {
        List<ResourceKind> kinds = cluster ? ResourceKind.OF_THE_CLUSTER : ResourceKind.OF_A_NODE;
        String selector = cluster ? "" : "spec.nodeName=" + escaped(nodeName);
        RandomGenerator random = RandomGenerator.getDefault();
        for (ResourceKind kind : kinds) {
            watches.add(new ResourceWatch(kind, selector, !cluster, server, recorder, inbox, pace, random, clock));
        }
    }

    /** As field selectors want it; a node's name in Kubernetes has none of these. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
    }

    /** Deals with what waits; waits for it until something is due. */
    private void work(EventSink sink) throws InterruptedException {
        Runnable task = inbox.poll(waitNs());
        for (int done = 0; task != null && done < MAX_BATCH; done++) {
            task.run();
            task = inbox.poll();
        }
        if (task != null) {
            task.run();
        }
        sink.commit();
        drained.forEach(CountDownLatch::countDown);
        drained.clear();
    }

    private long waitNs() {
        long now = System.nanoTime();
        long waitNs = LONGEST_WAIT_NS;
        for (ResourceWatch watch : watches) {
            waitNs = Math.min(waitNs, Math.max(watch.dueNs() - now, TimeUnit.MILLISECONDS.toNanos(10)));
        }
        return waitNs;
    }

    private void turn(EventSink sink, ChangeRecorder recorder) {
        for (ResourceWatch watch : watches) {
            watch.tick(watches.stream().noneMatch(ResourceWatch::isListing), recording);
        }
        long nowNs = EpochNanos.of(clock.instant());
        checkpointIfDue(sink, recorder, nowNs);
        known.forgetEnded(nowNs);
        problem = firstProblem();
        boolean listed = watches.stream().allMatch(ResourceWatch::isListed);
        known.tell(listed, problem);
        addresses.tell(listed, watches.stream().allMatch(watch -> watch.problem() == null));
    }

    private void checkpointIfDue(EventSink sink, ChangeRecorder recorder, long nowNs) {
        if (!recording) {
            recording = watches.stream().allMatch(ResourceWatch::isSettled);
            if (!recording) {
                return;
            }
            checkpointWanted = true;
        }
        for (ResourceWatch watch : watches) {
            checkpointWanted |= watch.takeLateList();
        }
        // Before anything was listed a checkpoint would be empty, and take the place of one that an agent before this
        // one wrote.
        boolean hasListed = watches.stream().anyMatch(ResourceWatch::isListed);
        if (hasListed && (checkpointWanted || sink.isCheckpointDue())) {
            recorder.checkpoint(nowNs);
            checkpointWanted = false;
        }
    }

    private @Nullable String firstProblem() {
        for (ResourceWatch watch : watches) {
            String found = watch.problem();
            if (found != null) {
                return found;
            }
        }
        if (known.forgotten() > 0) {
            return "Not all Kubernetes objects are remembered: left out="
                    + known.forgotten()
                    + ", limits="
                    + KnownObjects.MAX_OBJECTS
                    + " objects, "
                    + KnownObjects.MAX_BYTES
                    + " packed bytes. Their changes are recorded whole; checkpoints lack them.";
        }
        return null;
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public List<ProgramStatus> programs() {
        return List.of();
    }

    @Override
    public boolean drain(long timeoutMs) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        CountDownLatch reached = new CountDownLatch(1);
        if (!isAlive() || !inbox.offer(() -> drained.add(reached), timeoutMs)) {
            return false;
        }
        return reached.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        stopping = true;
        Thread running = thread;
        if (running == null) {
            return;
        }
        inbox.offer(() -> {}); // wakes it
        try {
            if (!running.join(Duration.ofMillis(STOP_TIMEOUT_MS))) {
                LOG.warn("The thread={} has not ended after ms={}.", THREAD, STOP_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isAlive() {
        Thread running = thread;
        return running != null && running.isAlive();
    }
}
