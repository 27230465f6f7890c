package io.hindsight.hub.bridge;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/** What a program asked is not done. Expected, so it carries no stack trace. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final BridgeRefusal refusal;
    private final HindsightException why;

    RefusedException(BridgeRefusal refusal, HindsightException why) {
        super(why.getMessage(), why, false, false);
        this.refusal = refusal;
        this.why = why;
    }

    static RefusedException of(BridgeRefusal refusal, ErrorCode code, String field, String detail) {
        return new RefusedException(refusal, HindsightException.ofField(code, field, detail));
    }

    BridgeRefusal refusal() {
        return refusal;
    }

    HindsightException why() {
        return why;
    }
}
