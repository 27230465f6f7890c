package io.hindsight.hub.link;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts refusals by cause, and logs each kind of refusal of each peer once: those who are refused try again. Thread-safe. */
public final class LinkCounters {
    private static final Logger LOG = LoggerFactory.getLogger(LinkCounters.class);
    private static final int MAX_REMEMBERED = 1_000;

    private final Map<LinkRefusal, LongAdder> counts = new ConcurrentHashMap<>();
    private final Set<String> logged =
            Collections.synchronizedSet(
                    Collections.newSetFromMap(
                            new LinkedHashMap<>() {
                                private static final long serialVersionUID = 1L;

                                @Override
                                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                                    return size() > MAX_REMEMBERED;
                                }
                            }));

    /** Counts one that is logged elsewhere, or before. */
    public void count(LinkRefusal cause) {
        counts.computeIfAbsent(cause, first -> new LongAdder()).increment();
    }

    /** Counts one; logs the first of this peer and cause. */
    public void refuse(LinkRefusal cause, String peer, String reason) {
        count(cause);
        if (logged.add(cause.label() + " " + peer)) {
            LOG.warn("Refused on a link: cause={} {}: {}", cause.label(), peer, reason);
        }
    }

    /** How many, since start. */
    public long refused(LinkRefusal cause) {
        LongAdder count = counts.get(cause);
        return count == null ? 0 : count.sum();
    }
}
