package io.hindsight.hub.lane;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts refusals by cause, and logs each cause once for each peer: somebody who tries a thousand tokens writes one line. Of more than
 * {@value #MAX_REMEMBERED} causes and peers the oldest are forgotten. One event loop.
 */
final class LaneRefusals {
    static final int MAX_REMEMBERED = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(LaneRefusals.class);

    private final Map<LaneRefusal, Long> counts = new EnumMap<>(LaneRefusal.class);
    private final SequencedSet<Logged> logged = new LinkedHashSet<>();

    private record Logged(LaneRefusal cause, String peer) {}

    /**
     * @param peer address, without a port
     * @param words whole sentence
     */
    void refused(LaneRefusal cause, String peer, String words) {
        counts.merge(cause, 1L, Long::sum);
        if (!logged.add(new Logged(cause, peer))) {
            return;
        }
        LOG.warn("peer={} lane refused cause={}: {} Further ones of this kind are only counted.", peer, cause, words);
        if (logged.size() > MAX_REMEMBERED) {
            logged.removeFirst();
        }
    }

    long count(LaneRefusal cause) {
        return counts.getOrDefault(cause, 0L);
    }
}
