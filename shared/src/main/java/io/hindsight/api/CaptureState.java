package io.hindsight.api;

import java.time.Instant;

/**
 * The policy in force and where it came from: {@code GET /capture} shows it. Immutable.
 *
 * @param revision grows with every change, from 1
 * @param policy what is recorded
 * @param changedBy the caller who set it; {@code configuration} where the Hub's settings did
 * @param changedAt when, by the Hub's clock
 */
public record CaptureState(long revision, CapturePolicy policy, String changedBy, Instant changedAt) {}
