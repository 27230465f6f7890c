package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with the way to the API server: each kind of trouble with each question is logged once, until that question is answered again. What callers are told names neither address nor
 * token. Thread-safe.
 */
final class ApiTroubles {
    private static final Logger LOG = LoggerFactory.getLogger(ApiTroubles.class);

    // Guarded by this. A kind is an HTTP status, or that there was no answer: their number is bounded.
    private final Map<ApiQuestion, Set<String>> kinds = new EnumMap<>(ApiQuestion.class);
    private final Set<String> reasons = new HashSet<>();

    /** There was no answer, or none that could be read; {@code reason} is for the log, and holds nothing of a body. */
    HindsightException noAnswer(ApiQuestion question, String reason) {
        if (isNew(question, "no answer")) {
            LOG.warn(
                    "Tokens of Kubernetes cannot be reviewed: asked for {}: {} Told once until it is back.",
                    question.words(),
                    reason);
        }
        return unreachable("gives no answer to " + question.words() + " now.");
    }

    /** It answered with this status, and not with what was asked. Its words stay unread: they may quote the token. */
    HindsightException refused(ApiQuestion question, int status) {
        String problem =
                status == 403
                        ? "does not let the Hub ask for "
                                + question.words()
                                + " (HTTP 403): the Hub's service account lacks the RBAC rule "
                                + question.rule()
                                + "."
                        : "refuses the Hub " + question.words() + " with HTTP status " + status + ".";
        if (isNew(question, "status " + status)) {
            LOG.warn("Tokens of Kubernetes cannot be reviewed: its API server {} Told once until it is back.", problem);
        }
        return unreachable(problem);
    }

    /** It accepted a token, and the Hub does not: told once of each reason, which are few. */
    void notTaken(String reason) {
        if (isNewReason(reason)) {
            LOG.warn("A token that Kubernetes' API server accepts is refused: {} Told once.", reason);
        }
    }

    private synchronized boolean isNewReason(String reason) {
        return reasons.add(reason);
    }

    private static HindsightException unreachable(String problem) {
        return new HindsightException(
                ErrorCode.UPSTREAM_UNREACHABLE,
                "Kubernetes' API server, which reviews this token, "
                        + problem
                        + " Callers whose tokens it has just reviewed are served on.");
    }

    private synchronized boolean isNew(ApiQuestion question, String kind) {
        return kinds.computeIfAbsent(question, none -> new HashSet<>()).add(kind);
    }

    /** It has answered this question. */
    void answered(ApiQuestion question) {
        if (isOver(question)) {
            LOG.info("Kubernetes' API server answers again to {}.", question.words());
        }
    }

    private synchronized boolean isOver(ApiQuestion question) {
        return kinds.remove(question) != null;
    }
}
