package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import java.util.ArrayList;
import java.util.List;

/** What a verification has found so far. Keeps the first {@value #MAX_KEPT} violations, counts all. One thread at a time. */
public final class Findings {
    static final int MAX_KEPT = 100;

    private final List<Violation> violations = new ArrayList<>();
    private long count;

    /** Notes a violation. */
    void add(Violation violation) {
        count++;
        if (violations.size() < MAX_KEPT) {
            violations.add(violation);
        }
    }

    /** Notes all that the other has found. */
    void addAll(Findings others) {
        others.violations.forEach(this::add);
        count += others.count - others.violations.size();
    }

    /** How many were noted, those included that were not kept. */
    public long count() {
        return count;
    }

    /** The first of them. */
    public List<Violation> violations() {
        return List.copyOf(violations);
    }

    /** Whether this file was named. */
    boolean names(String file) {
        return violations.stream().anyMatch(violation -> violation.file().equals(file));
    }
}
