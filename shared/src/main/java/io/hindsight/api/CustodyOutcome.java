package io.hindsight.api;

/** How an action of the custody log went. */
public enum CustodyOutcome {
    /** It is about to be done; what became of it is a later line. Without one, the Hub ended meanwhile. */
    BEGUN,
    /** Done. */
    DONE,
    /** Not done, because it is not allowed. */
    REFUSED,
    /** Not done, or not as a whole. */
    FAILED
}
