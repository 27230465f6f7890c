package io.hindsight.config;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.List;

/** Collects everything that is wrong with a configuration, so that a user mends it in one go. Not thread-safe. */
public final class ConfigProblems {
    private final String subject;
    private final List<String> problems = new ArrayList<>();

    /** {@code subject} stands at the start of the message, for example {@code agent}. */
    public ConfigProblems(String subject) {
        this.subject = subject;
    }

    /** Notes a problem unless the condition holds; {@code rule} reads on from the key: "is 0 to 65535, got 70000". */
    public ConfigProblems check(boolean holds, String key, String rule) {
        if (!holds) {
            problems.add(key + " " + rule);
        }
        return this;
    }

    /** {@link ErrorCode#INVALID_CONFIGURATION} with every problem, if there is any. */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The " + subject + " configuration cannot be used: " + String.join("; ", problems) + ".");
        }
    }
}
