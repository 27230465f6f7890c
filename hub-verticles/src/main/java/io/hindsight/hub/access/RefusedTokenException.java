package io.hindsight.hub.access;

import java.io.Serial;

/** A token of the issuer that is not accepted. Expected, so without a stack trace; its words never hold the token. */
final class RefusedTokenException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    private final OidcRefusal cause;

    RefusedTokenException(OidcRefusal cause, String words) {
        super(words, null, false, false);
        this.cause = cause;
    }

    OidcRefusal refusal() {
        return cause;
    }
}
