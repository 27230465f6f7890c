package io.hindsight.agent.os;

import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Keeps what a feed tells. One thread. */
final class FeedReader {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int POLL_MS = 50;

    private final OsEventFeed feed;
    private final List<OsEvent> events = new ArrayList<>();

    FeedReader(OsEventFeed feed) {
        this.feed = feed;
    }

    /** Polls until an event of this kind comes that the test is looking for, and returns it. */
    OsEvent await(Kind kind, Predicate<OsEvent> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int looked = 0;
        while (System.nanoTime() < deadline) {
            for (; looked < events.size(); looked++) {
                OsEvent event = events.get(looked);
                if (event.kind() == kind && wanted.test(event)) {
                    return event;
                }
            }
            feed.poll(events::add, POLL_MS);
        }
        throw new AssertionError("no such " + kind + " among " + events.size() + " events");
    }

    /** All that came until now and are wanted. */
    List<OsEvent> seen(Predicate<OsEvent> wanted) {
        return events.stream().filter(wanted).toList();
    }

    static Predicate<OsEvent> ofProcess(long pid) {
        return event -> pidOf(event) == pid;
    }

    static long pidOf(OsEvent event) {
        ProcessInfo process = event.process();
        return process == null ? 0 : process.pid();
    }
}
