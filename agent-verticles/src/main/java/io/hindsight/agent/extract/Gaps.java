package io.hindsight.agent.extract;

import io.hindsight.api.Gap;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects gaps, cut to a window. Not thread-safe. */
final class Gaps {
    private final TimeWindow window;
    private final List<Gap> gaps = new ArrayList<>();

    Gaps(TimeWindow window) {
        this.window = window;
    }

    /** A gap of {@code [fromNs, toNs)}; nothing of it outside the window is kept. */
    void add(long fromNs, long toNs, Gap.Cause cause, String detail, @Nullable Long lost) {
        long from = Math.max(fromNs, window.fromNs());
        long to = Math.min(toNs, window.toNs());
        if (from < to) {
            gaps.add(new Gap(EpochNanos.toInstant(from), EpochNanos.toInstant(to), cause, detail, lost));
        }
    }

    /** Oldest first. */
    List<Gap> sorted() {
        return sorted(gaps);
    }

    static List<Gap> sorted(List<Gap> gaps) {
        return gaps.stream().sorted(Comparator.comparing(Gap::from).thenComparing(Gap::to)).toList();
    }
}
