package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.filter.CaptureController;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Starts everything that an agent records. Blocks: runs on a worker. */
final class SourceRecorders {
    /** What a source says that could start with another filter. */
    private static final Set<ErrorCode> REFUSALS = EnumSet.of(ErrorCode.INVALID_FILTER, ErrorCode.WRONG_STATE);

    private final AgentConfig config;
    private final AgentSources sources;
    private final String application;
    private final CaptureController capture;
    private final Clock clock;

    /** @param capture says what the packet source starts with, and changes it from then on */
    SourceRecorders(
            AgentConfig config, AgentSources sources, String application, CaptureController capture, Clock clock) {
        this.capture = capture;
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
        Map<ChunkSource, EventSource> events = new EnumMap<>(ChunkSource.class);
        List<SourceRecorder> started = new ArrayList<>();
        try {
            sources.events().forEach((source, opener) -> opener.get().ifPresent(open -> events.put(source, open)));
            Set<ChunkSource> recorded = recorded(events.keySet());
            if (recorded.contains(ChunkSource.PACKETS)) {
                started.add(packets(recorded));
            }
            for (ChunkSource source : List.copyOf(events.keySet())) {
                // From here on the recorder closes it.
                EventSource opened = Objects.requireNonNull(events.remove(source));
                started.add(events(source, opened, recorded));
            }
            return started;
        } catch (RuntimeException e) {
            events.values().forEach(EventSource::close);
            started.forEach(SourceRecorder::close);
            throw e;
        }
    }

    private Set<ChunkSource> recorded(Set<ChunkSource> events) {
        Set<ChunkSource> recorded = EnumSet.noneOf(ChunkSource.class);
        recorded.addAll(events);
        if (!config.events().clusterRecorder()) {
            recorded.add(ChunkSource.PACKETS);
        }
        return recorded;
    }

    private SourceRecorder packets(Set<ChunkSource> recorded) {
        RingSpec spec = spec(ChunkSource.PACKETS, recorded);
        long atNs = EpochNanos.of(clock.instant());
        PacketRecorder packets = packets(spec);
        capture.started(packets::filter, packets.filter(), atNs);
        return new WatchedPacketRecorder(config, packets, new InterfaceCounters(Path.of("/sys/class/net")), clock);
    }

    private PacketRecorder packets(RingSpec spec) {
        CaptureFilter first = capture.first();
        try {
            return PacketRecorder.start(spec, () -> sources.packets().apply(config), first);
        } catch (HindsightException e) {
            if (first.isSettingAlone() || !REFUSALS.contains(e.code())) {
                throw e;
            }
            return PacketRecorder.start(spec, () -> sources.packets().apply(config), capture.refused(e));
        }
    }

    private SourceRecorder events(ChunkSource source, EventSource opened, Set<ChunkSource> recorded) {
        return EventRecorder.start(spec(source, recorded), opened, () -> again(source), clock);
    }

    private EventSource again(ChunkSource source) {
        return Optional.ofNullable(sources.events().get(source))
                .flatMap(Supplier::get)
                .orElseThrow(() ->
                        new HindsightException(
                                ErrorCode.UNSUPPORTED_PLATFORM,
                                "There is no longer a way to record events of "
                                        + source.label()
                                        + "; the log says why."));
    }

    private RingSpec spec(ChunkSource source, Set<ChunkSource> recorded) {
        return RingShare.of(config, source, recorded).spec(config, source, application);
    }
}
