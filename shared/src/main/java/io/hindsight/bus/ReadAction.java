package io.hindsight.bus;

/** What may be asked at {@link Addresses#READS}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum ReadAction {
    /** {@link ReadRequest} → {@link ReadOpened}: send the chunks of a sealed snapshot, one after the other. */
    OPEN,
    /** {@link ReadCredit} → empty: more bytes may be sent; renews the lease. */
    CREDIT,
    /** {@link ReadClose} → empty: nothing more is wanted. Idempotent. */
    CLOSE,
    /** Empty → {@link ReadStatus}. Within the Hub's own process. */
    STATUS
}
