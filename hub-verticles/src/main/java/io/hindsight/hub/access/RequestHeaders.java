package io.hindsight.hub.access;

/** Headers of requests on the Hub's bus. Who asks is said by the Hub itself, or by its own process: a bridge sets these, and takes them from nobody. */
public final class RequestHeaders {
    /** Who asks. */
    public static final String REQUESTED_BY = "requested-by";

    /** From which address. */
    public static final String REQUESTED_FROM = "requested-from";

    /** Makes a creation repeatable. */
    public static final String IDEMPOTENCY_KEY = "idempotency-key";

    private RequestHeaders() {}
}
