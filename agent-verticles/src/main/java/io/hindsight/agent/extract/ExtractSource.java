package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;

/**
 * A ring to extract from, and how to have it up to date.
 *
 * @param ring where the records are
 * @param drain has everything committed that was seen before
 */
public record ExtractSource(Ring ring, Drain drain) {
    /** Label of the source in messages. */
    public String label() {
        return ring.spec().source().label();
    }

    /** Waits for records that are still on their way. */
    @FunctionalInterface
    public interface Drain {
        /** As {@link io.hindsight.agent.capture.PacketSource#drain}; called on a worker. */
        boolean drain(long timeoutMs) throws InterruptedException;
    }
}
