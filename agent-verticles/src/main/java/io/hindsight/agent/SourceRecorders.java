package io.hindsight.agent;

import io.hindsight.agent.events.EventSource;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Starts everything that an agent records. Blocks: runs on a worker. */
final class SourceRecorders {
    private final AgentConfig config;
    private final AgentSources sources;
    private final String application;
    private final Clock clock;

    SourceRecorders(AgentConfig config, AgentSources sources, String application, Clock clock) {
        this.config = config;
        this.sources = sources;
        this.application = application;
        this.clock = clock;
    }

    /**
     * Packets first: they are what must not be missed. What was started is closed again where another fails.
     *
     * @return in the order of {@link ChunkSource}
     */
    List<SourceRecorder> start() {
        List<SourceRecorder> started = new ArrayList<>();
        Set<ChunkSource> recorded = EnumSet.noneOf(ChunkSource.class);
        recorded.addAll(sources.events().keySet());
        if (!config.events().clusterRecorder()) {
            recorded.add(ChunkSource.PACKETS);
        }
        try {
            for (ChunkSource source : recorded) {
                started.add(start(source, recorded));
            }
            return started;
        } catch (RuntimeException e) {
            started.forEach(SourceRecorder::close);
            throw e;
        }
    }

    private SourceRecorder start(ChunkSource source, Set<ChunkSource> recorded) {
        var spec = RingShare.of(config, source, recorded).spec(config, source, application);
        if (source != ChunkSource.PACKETS) {
            return EventRecorder.start(spec, opener(sources.events(), source), clock);
        }
        PacketRecorder packets = PacketRecorder.start(spec, () -> sources.packets().apply(config));
        return new WatchedPacketRecorder(config, packets, new InterfaceCounters(Path.of("/sys/class/net")), clock);
    }

    private static Supplier<EventSource> opener(Map<ChunkSource, Supplier<EventSource>> events, ChunkSource source) {
        Supplier<EventSource> opener = events.get(source);
        if (opener == null) {
            throw new IllegalArgumentException("No source of " + source.label() + " was given.");
        }
        return opener;
    }
}
