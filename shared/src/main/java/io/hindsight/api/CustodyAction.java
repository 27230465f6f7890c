package io.hindsight.api;

/** What the custody log records. More may come: readers of a log take actions that they do not know for what they are, text. */
public enum CustodyAction {
    /** A snapshot was asked for. */
    CREATE,
    /** A snapshot was sealed, or ended without. */
    SEAL,
    /** A running snapshot was cancelled. */
    CANCEL,
    /** The window of a running snapshot was ended before its time; what came was kept. */
    END,
    /** What a snapshot holds was given out. */
    EXPORT,
    /** Every byte of a snapshot was read and every digest computed anew. */
    VERIFY,
    /** A snapshot was removed. */
    DELETE,
    /** A snapshot was locked against deletion. */
    LOCK,
    /** What is captured was changed. */
    CAPTURE,
    /** Somebody was not let in, or may not do what was asked. */
    ACCESS,
    /** The log itself was found other than it was left, and goes on. */
    RECOVER
}
