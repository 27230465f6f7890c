package io.hindsight.bus;

/**
 * Asks an agent which chunks a window touches, and to pin them.
 *
 * @param snapshotId the session
 * @param fromNs first nanosecond inside, since the epoch
 * @param toNs first nanosecond after; the agent answers only when everything the kernel saw before it is in the ring, or says what is missing as a gap
 * @param leaseMs the pins end this long after the last request or credit of this session; 1,000 to 3,600,000
 */
public record PlanRequest(String snapshotId, long fromNs, long toNs, long leaseMs) {}
