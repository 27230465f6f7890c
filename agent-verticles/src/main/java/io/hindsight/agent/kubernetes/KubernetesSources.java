package io.hindsight.agent.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.kubernetes.KnownPods.KnownPod;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.ApiAccess;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a source at each start, and asks the present one what it knows. Thread-safe. */
public final class KubernetesSources implements PodFollower {
    private final Config access;
    private final String nodeName;
    private final boolean cluster;
    private final Vertx vertx;
    private volatile @Nullable KubernetesEventSource present;

    private KubernetesSources(Config access, String nodeName, boolean cluster, Vertx vertx) {
        this.access = access;
        this.nodeName = nodeName;
        this.cluster = cluster;
        this.vertx = vertx;
    }

    /**
     * As the configuration says; empty where nothing is to be recorded.
     *
     * @param node whose pods are watched; its name is the node's name in Kubernetes
     * @throws HindsightException INVALID_CONFIGURATION where changes are to be recorded and there is no way to the API server
     */
    public static Optional<KubernetesSources> of(EventsConfig config, NodeId node, Vertx vertx) {
        return ApiAccess.of(config, System.getenv(), ApiAccess.SERVICE_ACCOUNT)
                .map(access -> new KubernetesSources(access, node.name(), config.clusterRecorder(), vertx));
    }

    /** A fresh source, from now on the present one. */
    public EventSource open() {
        KubernetesEventSource source =
                new KubernetesEventSource(access, nodeName, cluster, vertx, WatchPace.DEFAULTS, InstantSource.system());
        present = source;
        return source;
    }

    /** A page of what is known now and was lately; see {@link KnownObjects#page}. */
    public KnownObjectsAnswer page(KnownObjectsRequest request) {
        KubernetesEventSource source = present;
        return source == null ? KnownObjectsAnswer.none() : source.known().page(request);
    }

    /** Which pod a container of this node belongs to; see {@link KnownPods#find}. */
    public Optional<KnownPod> pod(String containerId, @Nullable String podUid) {
        KubernetesEventSource source = present;
        return source == null ? Optional.empty() : source.pods().find(containerId, podUid);
    }

    @Override
    public NodePods pods() {
        KubernetesEventSource source = present;
        return source == null ? new NodePods(NodePods.Knowledge.UNLISTED, List.of(), 0) : source.addresses().now();
    }

    @Override
    public long podChanges() {
        KubernetesEventSource source = present;
        return source == null ? -1 : System.identityHashCode(source) * (1L << 32) + source.addresses().changes();
    }
}
