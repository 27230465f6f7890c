package io.hindsight.hub.http;

import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of events. What it has not taken yet waits here, one event for each subject, the newest: so a slow reader skips steps, is never behind
 * by more than what it is slow at, and costs no more memory than there are subjects. All fields belong to the verticle's context.
 */
final class EventReader {
    private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);

    private final Vertx vertx;
    private final HttpLimits limits;
    private final EventSink sink;
    private final Map<String, HubEvent> pending = new LinkedHashMap<>();

    /** Subjects that were in the news since the reader came: what is replayed of them would be older. */
    private final Set<String> newer = new HashSet<>();

    private boolean replaying = true;
    private boolean waiting;
    private boolean closed;
    private long lastWriteNs = System.nanoTime();
    private long lastProgressNs = System.nanoTime();
    private long superseded;
    private long dropped;

    EventReader(Vertx vertx, HttpLimits limits, EventSink sink) {
        this.vertx = vertx;
        this.limits = limits;
        this.sink = sink;
        this.lastWriteNs -= limits.eventInterval().toNanos();
    }

    /** Something happened. */
    void offer(HubEvent event) {
        if (replaying) {
            newer.add(event.subject());
        }
        put(event);
    }

    /** The state of something when the reader came. */
    void replay(HubEvent event) {
        if (!newer.contains(event.subject())) {
            put(event);
        }
    }

    void replayed() {
        replaying = false;
        newer.clear();
    }

    private void put(HubEvent event) {
        if (pending.put(event.subject(), event) != null) {
            superseded++;
        }
        if (pending.size() > limits.maxPendingEvents()) {
            Iterator<HubEvent> oldest = pending.values().iterator();
            oldest.next();
            oldest.remove();
            dropped++;
        }
        schedule();
    }

    private void schedule() {
        if (waiting || closed || pending.isEmpty()) {
            return;
        }
        waiting = true;
        long sinceMs = (System.nanoTime() - lastWriteNs) / 1_000_000;
        long delayMs = limits.eventInterval().toMillis() - sinceMs;
        if (sink.isFull()) {
            sink.onDrain(this::drained);
        } else if (delayMs > 0) {
            vertx.setTimer(delayMs, timer -> flush());
        } else {
            flush();
        }
    }

    private void drained() {
        lastProgressNs = System.nanoTime();
        flush();
    }

    private void flush() {
        waiting = false;
        lastWriteNs = System.nanoTime();
        Iterator<HubEvent> events = pending.values().iterator();
        while (!closed && events.hasNext() && !sink.isFull()) {
            HubEvent event = events.next();
            events.remove();
            sink.write(event).onFailure(gone -> LOG.debug("A reader of events has gone: {}", gone.toString()));
        }
        if (!sink.isFull()) {
            lastProgressNs = System.nanoTime();
        }
        schedule();
    }

    /** Whether the reader took nothing for too long. */
    boolean isStalled() {
        return sink.isFull() && System.nanoTime() - lastProgressNs > limits.stallTimeout().toNanos();
    }

    void ping() {
        if (!sink.isFull() && !closed) {
            sink.ping();
        }
    }

    void disconnect() {
        sink.close();
    }

    /** The reader has gone: nothing is written any more. */
    void closed() {
        closed = true;
        pending.clear();
        LOG.debug("A reader of events has gone: superseded={} dropped={}", superseded, dropped);
    }

    /** Events that a newer one of the same subject replaced before the reader took them. */
    long superseded() {
        return superseded;
    }

    /** Events that were lost to the bound on subjects. */
    long dropped() {
        return dropped;
    }

    int pendingCount() {
        return pending.size();
    }
}
