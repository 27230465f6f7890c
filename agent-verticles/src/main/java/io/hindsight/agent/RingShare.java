package io.hindsight.agent;

import io.hindsight.agent.ring.RingSpec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import java.util.Set;

/**
 * What a source's ring takes of {@code storage-size}. Each source has a ring of its own, so that a flood of packets cannot recycle the few events that
 * explain it: a sixteenth for events of the operating system, a thirty-second for Kubernetes, the rest for packets.
 *
 * @param bytes of the ring file, at most
 * @param slotSize of its chunks: of events a thirty-second of the ring, from 64 KiB to 1 MiB
 */
record RingShare(long bytes, int slotSize) {
    private static final int OS_PART = 16;
    private static final int KUBERNETES_PART = 32;
    private static final int EVENT_SLOTS = 32;
    private static final long MIN_EVENT_SLOT = 64 << 10;
    private static final long MAX_EVENT_SLOT = 1 << 20;

    /** The share of a source where these record. */
    static RingShare of(AgentConfig config, ChunkSource source, Set<ChunkSource> all) {
        long storage = config.storageSize().bytes();
        if (source == ChunkSource.PACKETS) {
            long others = all.stream().filter(each -> each != source).mapToLong(each -> part(storage, each, all)).sum();
            return new RingShare(storage - others, Math.toIntExact(config.slotSize().bytes()));
        }
        long bytes = part(storage, source, all);
        long slot = Math.clamp(Long.highestOneBit(bytes / EVENT_SLOTS), MIN_EVENT_SLOT, MAX_EVENT_SLOT);
        return new RingShare(bytes, (int) slot);
    }

    private static long part(long storage, ChunkSource source, Set<ChunkSource> all) {
        if (all.size() == 1) {
            return storage;
        }
        return switch (source) {
            case PACKETS -> throw new IllegalArgumentException("Packets take what is left.");
            case OS -> storage / OS_PART;
            case KUBERNETES -> storage / KUBERNETES_PART;
        };
    }

    /** The ring. */
    RingSpec spec(AgentConfig config, ChunkSource source, String application) {
        return new RingSpec(
                RingSpec.fileIn(config.ringDirectory(), source), config.node(), source, bytes, slotSize, application);
    }
}
