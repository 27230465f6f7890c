package io.hindsight.hub.verify;

import java.util.concurrent.CancellationException;

/** Is told of everything that a verification reads, and may hold it up. */
@FunctionalInterface
public interface ReadPace {
    /** As fast as it goes. */
    ReadPace UNLIMITED = bytes -> {};

    /**
     * So many bytes were read. Returns when more may be.
     *
     * @throws CancellationException where the verification is to end without a result
     */
    void took(long bytes);
}
