package io.hindsight.agent;

import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.kubernetes.KubernetesSources;
import io.hindsight.agent.kubernetes.PodFollower;
import io.hindsight.agent.os.OsEventSources;
import io.hindsight.agent.os.PodDirectory;
import io.hindsight.agent.os.PodDirectory.PodOfContainer;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What an agent records from. Each function is called at every start of a source, on a worker.
 *
 * @param packets opens the packet source; not asked for where the agent records no packets
 * @param events for each kind of events that are to be recorded, what opens its source: empty where this machine has none
 * @param known answers what is known of Kubernetes objects; called on a worker
 * @param pods which pods are on this node
 */
public record AgentSources(
        Function<AgentConfig, PacketSource> packets,
        Map<ChunkSource, Supplier<Optional<EventSource>>> events,
        Function<KnownObjectsRequest, KnownObjectsAnswer> known,
        PodFollower pods) {
    public AgentSources {
        events = events.isEmpty() ? Map.of() : new EnumMap<>(events);
    }

    /** Of an agent that watches no Kubernetes objects. */
    AgentSources(
            Function<AgentConfig, PacketSource> packets, Map<ChunkSource, Supplier<Optional<EventSource>>> events) {
        this(packets, events, request -> KnownObjectsAnswer.none(), PodFollower.NONE);
    }

    /**
     * Those that the configuration asks for and this machine has.
     *
     * @throws io.hindsight.error.HindsightException INVALID_CONFIGURATION where what is asked for cannot be had
     */
    public static AgentSources of(AgentConfig config, Vertx vertx) {
        EventsConfig wanted = wanted(config);
        Map<ChunkSource, Supplier<Optional<EventSource>>> events = new EnumMap<>(ChunkSource.class);
        Optional<KubernetesSources> kubernetes = KubernetesSources.of(wanted, config.node(), vertx);
        if (wanted.os() != OsEvents.OFF && !wanted.clusterRecorder()) {
            PodDirectory pods = kubernetes.map(AgentSources::podsOf).orElse(PodDirectory.NONE);
            OsEventSources os = OsEventSources.ofMachine(() -> EpochNanos.of(Instant.now()));
            events.put(ChunkSource.OS, () -> os.of(config, pods));
        }
        kubernetes.ifPresent(objects -> events.put(ChunkSource.KUBERNETES, () -> Optional.of(objects.open())));
        return kubernetes
                .map(objects -> new AgentSources(PacketSources::open, events, objects::page, objects))
                .orElseGet(() -> new AgentSources(PacketSources::open, events));
    }

    /** What happens now does not explain packets of a file: events are recorded beside a replay only where they are asked for by name. */
    private static EventsConfig wanted(AgentConfig config) {
        EventsConfig events = config.events();
        if (config.replay() == null) {
            return events;
        }
        return new EventsConfig(
                events.os() == OsEvents.AUTO ? OsEvents.OFF : events.os(),
                events.kubernetes() == KubernetesEvents.AUTO ? KubernetesEvents.OFF : events.kubernetes(),
                events.kubeconfig(),
                events.clusterRecorder());
    }

    private static PodDirectory podsOf(KubernetesSources kubernetes) {
        return (containerId, podUid) ->
                kubernetes
                        .pod(containerId, podUid)
                        .map(pod -> new PodOfContainer(pod.uid(), pod.namespace(), pod.pod(), pod.container()));
    }
}
