package io.hindsight.testing;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs from its machine. Where it is missing the test is skipped with the reason, so that everybody can run the suite; with
 * {@code CI=true} in the environment it fails, so that nothing is left out silently where it counts.
 */
final class Guards {
    private static final boolean CONTINUOUS_INTEGRATION = "true".equals(System.getenv("CI"));

    private Guards() {}

    static void require(boolean present, String reason) {
        if (CONTINUOUS_INTEGRATION) {
            Assertions.assertTrue(present, () -> "CI=true lets no test be skipped: " + reason);
        } else {
            Assumptions.assumeTrue(present, reason);
        }
    }
}
