package io.hindsight.hub.link;

import java.time.Instant;

/**
 * An agent's claim to its node's name, from its admission to the end of its socket. The times belong to {@link LinkRegistry}; {@link #heard} may be told
 * on any thread.
 */
public final class Link {
    private final LinkIdentity identity;
    private final String from;
    private final Instant since;
    private volatile long heardNs = System.nanoTime();
    private volatile Runnable closer = () -> {};

    Link(LinkIdentity identity, String from, Instant since) {
        this.identity = identity;
        this.from = from;
        this.since = since;
    }

    /** Who it is. */
    public LinkIdentity identity() {
        return identity;
    }

    /** Address that it came from. */
    public String from() {
        return from;
    }

    /** When it was admitted. */
    public Instant since() {
        return since;
    }

    /** Something came: the agent lives. */
    void heard() {
        heardNs = System.nanoTime();
    }

    long heardNs() {
        return heardNs;
    }

    /** How its socket is closed when another takes its place. */
    void onTakenOver(Runnable close) {
        closer = close;
    }

    void takenOver() {
        closer.run();
    }

    @Override
    public String toString() {
        return "node=" + identity.node() + " instance=" + identity.instance() + " from=" + from;
    }
}
