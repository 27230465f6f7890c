package io.hindsight.hub.access;

import java.util.Locale;

/** How a token of Kubernetes was answered: the label {@code outcome} of {@code hindsight_token_reviews_total}. */
public enum ReviewOutcome {
    /** A caller who may do something. */
    ACCEPTED,
    /** A caller who may do nothing. */
    NO_PERMISSION,
    /** An agent that is bound to no node. */
    NO_NODE,
    /** Not a token of this cluster for this audience, expired, or of a pod that is gone. */
    REFUSED,
    /** The API server gave no answer, or would not be asked. */
    UNREACHABLE,
    /** As many reviews were under way, and waiting, as may be. */
    TOO_MANY,
    /** Answered without a question: it was reviewed before. */
    CACHED;

    /** In metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
