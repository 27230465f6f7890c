package io.hindsight.agent.filter;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.time.TimeWindow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was recorded when, oldest first. Bounded: the oldest changes are forgotten. Thread-safe. */
final class CaptureHistory {
    /** Changes that are kept, at most. */
    static final int MAX_CHANGES = 4 * ExtentPlan.MAX_CAPTURES;

    /** Characters of all texts of the changes that are kept, about. */
    static final int MAX_HISTORY_CHARS = 1 << 20;

    /** Characters of those that one plan tells: far below what a message of the link may be. */
    static final int MAX_TOLD_CHARS = 512 << 10;

    private final Deque<CaptureChange> changes = new ArrayDeque<>();
    private long chars;

    synchronized void add(CaptureChange change) {
        changes.add(change);
        chars += chars(change);
        while (changes.size() > MAX_CHANGES || (chars > MAX_HISTORY_CHARS && changes.size() > 1)) {
            chars -= chars(changes.remove());
        }
    }

    synchronized List<CaptureChange> all() {
        return List.copyOf(changes);
    }

    /** The change in force when the window begins, and those within it; of too many the newest. */
    synchronized List<CaptureChange> of(TimeWindow window) {
        Deque<CaptureChange> told = new ArrayDeque<>();
        long toldChars = 0;
        Iterator<CaptureChange> newestFirst = changes.descendingIterator();
        boolean before = false;
        while (!before && newestFirst.hasNext() && told.size() < ExtentPlan.MAX_CAPTURES) {
            CaptureChange change = newestFirst.next();
            if (change.fromNs() < window.toNs()) {
                before = change.fromNs() <= window.fromNs();
                toldChars += chars(change);
                if (toldChars > MAX_TOLD_CHARS && !told.isEmpty()) {
                    break;
                }
                told.addFirst(change);
            }
        }
        return new ArrayList<>(told);
    }

    /** About as many as its JSON has. */
    private static long chars(CaptureChange change) {
        CapturePolicy policy = change.policy();
        long chars = 200L + length(change.expression()) + length(change.problem()) + length(change.changedBy());
        if (policy != null) {
            chars += 100L + length(policy.regex()) + length(policy.bpfOverride());
            chars += policy.namespaces().stream().mapToLong(name -> name.length() + 3L).sum();
            chars += policy.excludedNamespaces().stream().mapToLong(name -> name.length() + 3L).sum();
        }
        return chars;
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
