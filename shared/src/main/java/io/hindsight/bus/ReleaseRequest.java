package io.hindsight.bus;

/**
 * Ends a session at the agent.
 *
 * @param snapshotId the session
 * @param reason for the log: completed, cancelled, failed: …
 */
public record ReleaseRequest(String snapshotId, String reason) {}
