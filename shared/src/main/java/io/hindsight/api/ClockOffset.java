package io.hindsight.api;

import java.time.Instant;

/**
 * How far a node's wall clock is from the Hub's, as its agent estimates it from round trips: the true offset lies within
 * {@code offsetNs} ± {@code errorNs}.
 *
 * @param offsetNs to be added to the node's times to get the Hub's; 0 where both are one machine
 * @param errorNs half of the shortest round trip seen lately, and what the clocks may have drifted since; at least 0
 * @param measuredAt when that round trip was, by the node's clock
 */
public record ClockOffset(long offsetNs, long errorNs, Instant measuredAt) {}
