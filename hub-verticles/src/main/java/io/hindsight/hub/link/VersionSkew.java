package io.hindsight.hub.link;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which versions of agent and Hub understand each other: those of one major version whose minor versions differ by at most one, so that either side can
 * be upgraded first. Versions that are not {@code MAJOR.MINOR…}, such as those of unpackaged builds, understand only themselves. Pure.
 */
public final class VersionSkew {
    /** Longest difference of the minor versions. */
    public static final int MAX_MINOR_DIFFERENCE = 1;

    private static final Pattern RELEASE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:[.+-].*)?");

    private VersionSkew() {}

    /** Whether they understand each other. */
    public static boolean accepts(String hub, String agent) {
        Matcher ofHub = RELEASE.matcher(hub);
        Matcher ofAgent = RELEASE.matcher(agent);
        if (!ofHub.matches() || !ofAgent.matches()) {
            return hub.equals(agent);
        }
        return number(ofHub, 1) == number(ofAgent, 1)
                && Math.abs(number(ofHub, 2) - number(ofAgent, 2)) <= MAX_MINOR_DIFFERENCE;
    }

    /**
     * Lets those pass that understand each other.
     *
     * @throws HindsightException VERSION_MISMATCH, naming both and what to do
     */
    public static void require(String hub, String agent) {
        if (!accepts(hub, agent)) {
            throw new HindsightException(
                    ErrorCode.VERSION_MISMATCH,
                    "The agent's version="
                            + agent
                            + " and the Hub's version="
                            + hub
                            + " do not work together: the major version is the same and the minor one differs by at most "
                            + MAX_MINOR_DIFFERENCE
                            + ". Bring both to one version; where they are further apart, upgrade one minor version at a time.");
        }
    }

    private static int number(Matcher version, int group) {
        return Integer.parseInt(version.group(group));
    }
}
