package io.hindsight.hub.http;

import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.ReviewOutcome;
import io.hindsight.hub.access.TokenReviews;
import io.micrometer.core.instrument.Tag;
import java.util.List;

/** What there is to know of tokens that Kubernetes reviews. Stateless. */
final class ReviewMeters {
    private ReviewMeters() {}

    /** Of those among the authenticators that have reviews; none: no meters. */
    static void register(HubMetrics metrics, List<Authenticator> authenticators) {
        for (Authenticator one : authenticators) {
            if (one instanceof TokenReviews reviews) {
                register(metrics, reviews);
            }
        }
    }

    private static void register(HubMetrics metrics, TokenReviews reviews) {
        for (ReviewOutcome outcome : ReviewOutcome.values()) {
            metrics.counter(
                    "hindsight.token.reviews",
                    "Tokens of Kubernetes that were answered.",
                    Tag.of("outcome", outcome.label()),
                    reviews,
                    all -> all.counted(outcome));
        }
    }
}
