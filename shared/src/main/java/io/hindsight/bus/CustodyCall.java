package io.hindsight.bus;

/** What may be asked at {@link Addresses#CUSTODY}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum CustodyCall {
    /** {@link io.hindsight.api.CustodyEvent} → {@link io.hindsight.api.CustodyEntry}, once it is on disk. */
    RECORD,
    /** {@link io.hindsight.api.CustodyQuery} → {@link io.hindsight.api.CustodyPage}. */
    LIST,
    /** Empty → {@link io.hindsight.api.CustodyStatus}. */
    STATUS
}
