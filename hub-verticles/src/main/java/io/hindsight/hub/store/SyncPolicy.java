package io.hindsight.hub.store;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When a file is forced to disk while it is written.
 *
 * @param bytes after this many
 * @param interval at least this often, while there is something to force
 * @param nanoClock {@link System#nanoTime()}
 */
public record SyncPolicy(long bytes, Duration interval, LongSupplier nanoClock) {}
