package io.hindsight.bus;

import java.time.Instant;

/**
 * Locks a snapshot against deletion, for everybody.
 *
 * @param id of the snapshot
 * @param until first instant at which it may be deleted again; never earlier than that of a lock that it has
 */
public record LockRequest(String id, Instant until) {}
