package io.hindsight.agent.ring;

/**
 * A time in which the recorder ran.
 *
 * @param number 1, 2, 3 …
 * @param startedNs since the epoch
 * @param lastAliveNs since the epoch, exact to a second where the run ended by a crash
 */
public record RecorderRun(long number, long startedNs, long lastAliveNs) {}
