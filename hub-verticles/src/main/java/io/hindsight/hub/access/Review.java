package io.hindsight.hub.access;

import java.util.Optional;
import java.util.Set;

/**
 * What came of asking about a token. Immutable.
 *
 * @param outcome ACCEPTED, NO_PERMISSION, NO_NODE or REFUSED
 * @param caller empty where it is REFUSED
 */
record Review(ReviewOutcome outcome, Optional<Caller> caller) {
    /** Of a token that the API server does not accept. */
    static final Review REFUSED = new Review(ReviewOutcome.REFUSED, Optional.empty());

    /** Of an agent or a recorder that may join. */
    static Review joining(Caller caller) {
        return new Review(ReviewOutcome.ACCEPTED, Optional.of(caller));
    }

    /** Of an agent whose node is not known. */
    static Review withoutNode(ReviewedUser user) {
        return new Review(ReviewOutcome.NO_NODE, Optional.of(Caller.ofUser(user.name(), Set.of())));
    }

    /** Of a user. */
    static Review of(ReviewedUser user, Set<Permission> permissions) {
        return new Review(
                permissions.isEmpty() ? ReviewOutcome.NO_PERMISSION : ReviewOutcome.ACCEPTED,
                Optional.of(Caller.ofUser(user.name(), permissions)));
    }

    boolean isAccepted() {
        return outcome == ReviewOutcome.ACCEPTED;
    }
}
