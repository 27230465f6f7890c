package io.hindsight.api;

import org.jspecify.annotations.Nullable;

/**
 * What a verification of the custody log found.
 *
 * @param path file or folder
 * @param intact whether nothing was found
 * @param files read
 * @param lines read, up to the first that is broken
 * @param snapshots sealed ones beside the log whose manifests name a line of it, and were held against it
 * @param last sequence of the last sound line; 0 where there is none
 * @param digest of that line
 * @param fault the first thing that is wrong
 */
public record CustodyReport(
        String path,
        boolean intact,
        int files,
        long lines,
        int snapshots,
        long last,
        String digest,
        @Nullable Fault fault) {
    /** What happened to a line. */
    public enum Kind {
        /** Its bytes are not those that were written. */
        CHANGED,
        /** Lines are missing. */
        REMOVED,
        /** It was not written there. */
        INSERTED,
        /** It is of this log and stands elsewhere. */
        REORDERED,
        /** The file ends in the middle of a line. */
        CUT_OFF
    }

    /**
     * The first thing that is wrong.
     *
     * @param kind what happened
     * @param file name
     * @param line number in the file, from 1
     * @param sequence that the line should have
     * @param detail whole sentence
     */
    public record Fault(Kind kind, String file, long line, long sequence, String detail) {}
}
