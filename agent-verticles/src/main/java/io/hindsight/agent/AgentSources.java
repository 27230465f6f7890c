package io.hindsight.agent;

import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.events.EventSource;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What an agent records from. Each function is called at every start of a source.
 *
 * @param packets opens the packet source; not asked for where the agent records no packets
 * @param events for each kind of events that are to be recorded, what opens its source
 */
public record AgentSources(
        Function<AgentConfig, PacketSource> packets, Map<ChunkSource, Supplier<EventSource>> events) {
    public AgentSources {
        events = events.isEmpty() ? Map.of() : new EnumMap<>(events);
    }

    /** Those that the configuration asks for and this machine has. */
    public static AgentSources of(AgentConfig config) {
        return new AgentSources(PacketSources::open, Map.of());
    }
}
