package io.hindsight.api;

/**
 * How the custody log stands.
 *
 * @param sequence of its newest line; 0 where there is none
 * @param digest of that line
 * @param written lines since the Hub started
 * @param failed attempts to write that failed, since then
 * @param unrecorded events that were not recorded, since then: their action was refused, or could not be held up
 */
public record CustodyStatus(long sequence, String digest, long written, long failed, long unrecorded) {}
