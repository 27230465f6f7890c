package io.hindsight.config;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/** Collects everything that is wrong with a configuration, so that a user mends it in one go. Not thread-safe. */
public final class ConfigProblems {
    private static final String HEADING_END = "configuration cannot be used: ";
    private static final String SEPARATOR = "; ";

    private final String subject;
    private final List<String> problems = new ArrayList<>();

    /** {@code subject} stands at the start of the message, for example {@code agent}; it may be empty. */
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

    /** Notes a name that nobody knows, where it stands, and the known name that may have been meant. */
    public ConfigProblems unknown(String name, String place, Collection<String> known) {
        String meant = NearestName.of(name, known).map(near -> ", did you mean " + near + "?").orElse("");
        return check(false, name, "is not a setting (" + place + ")" + meant);
    }

    /** Notes every problem that a record's constructor found, each with {@code note} of its key after it. */
    public void addAll(HindsightException refused, UnaryOperator<String> note) {
        String message = String.valueOf(refused.getMessage());
        String listed = message.substring(message.indexOf(HEADING_END) + HEADING_END.length(), message.length() - 1);
        for (String problem : listed.split(SEPARATOR, -1)) {
            problems.add(problem + note.apply(problem.substring(0, Math.max(0, problem.indexOf(' ')))));
        }
    }

    /** {@link ErrorCode#INVALID_CONFIGURATION} with every problem, if there is any. */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The "
                            + (subject.isEmpty() ? "" : subject + " ")
                            + HEADING_END
                            + String.join(SEPARATOR, problems)
                            + ".");
        }
    }
}
