package io.hindsight.agent;

import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.kubernetes.KubernetesSources;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import io.vertx.core.Vertx;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What an agent records from. Each function is called at every start of a source.
 *
 * @param packets opens the packet source; not asked for where the agent records no packets
 * @param events for each kind of events that are to be recorded, what opens its source
 * @param known answers what is known of Kubernetes objects; called on a worker
 */
public record AgentSources(
        Function<AgentConfig, PacketSource> packets,
        Map<ChunkSource, Supplier<EventSource>> events,
        Function<KnownObjectsRequest, KnownObjectsAnswer> known) {
    public AgentSources {
        events = events.isEmpty() ? Map.of() : new EnumMap<>(events);
    }

    /** Of an agent that watches no Kubernetes objects. */
    public AgentSources(Function<AgentConfig, PacketSource> packets, Map<ChunkSource, Supplier<EventSource>> events) {
        this(packets, events, request -> KnownObjectsAnswer.none());
    }

    /**
     * Those that the configuration asks for and this machine has.
     *
     * @throws io.hindsight.error.HindsightException INVALID_CONFIGURATION where what is asked for cannot be had
     */
    public static AgentSources of(AgentConfig config, Vertx vertx) {
        Map<ChunkSource, Supplier<EventSource>> events = new EnumMap<>(ChunkSource.class);
        Optional<KubernetesSources> kubernetes = KubernetesSources.of(config.events(), config.node(), vertx);
        kubernetes.ifPresent(objects -> events.put(ChunkSource.KUBERNETES, objects::open));
        return kubernetes
                .map(objects -> new AgentSources(PacketSources::open, events, objects::page))
                .orElseGet(() -> new AgentSources(PacketSources::open, events));
    }
}
