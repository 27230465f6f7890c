package io.hindsight.hub.verify;

import io.hindsight.api.VerifyReport.Violation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a verification has found so far. Keeps the first {@value #MAX_KEPT} violations, counts all. One thread at a time. */
public final class Findings {
    static final int MAX_KEPT = 100;

    private final List<Violation> violations = new ArrayList<>();
    private long count;

    /** Notes something that is wrong with a file as a whole. */
    public void add(String file, String detail) {
        add(file, null, null, detail);
    }

    /** Notes something that is wrong at an offset. */
    public void add(String file, @Nullable Long chunk, @Nullable Long offset, String detail) {
        count++;
        if (violations.size() < MAX_KEPT) {
            violations.add(new Violation(file, chunk, offset, detail));
        }
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
