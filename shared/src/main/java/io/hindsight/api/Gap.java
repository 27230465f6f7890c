package io.hindsight.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part of a window for which a snapshot lacks records.
 *
 * @param from first instant
 * @param to first instant after
 * @param cause why
 * @param detail whole sentence for people, with numbers where there are any
 * @param lost records known to be lost, where the number is known
 */
public record Gap(Instant from, Instant to, Cause cause, String detail, @Nullable Long lost) {
    /** Why records are missing. Names are stable. */
    public enum Cause {
        /** The window starts before the ring's oldest record: recording began later, or history was recycled. */
        RECYCLED,
        /** Nothing recorded: recording had not begun yet, the agent was down, or its capture stood still. */
        NOT_RECORDED,
        /** The window's end had not been captured when the snapshot was taken. */
        NOT_YET_CAPTURED,
        /** The kernel dropped records. */
        DROPPED_BY_KERNEL,
        /** The ring had no slot. */
        DROPPED_BY_RING,
        /** The node did not answer, or broke off. */
        NODE_UNREACHABLE,
        /** A chunk in the ring did not match its checksum. */
        CORRUPT
    }
}
