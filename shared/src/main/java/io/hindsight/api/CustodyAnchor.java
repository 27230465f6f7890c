package io.hindsight.api;

/**
 * A place in the custody log. What carries it proves that the log was like this up to there.
 *
 * @param sequence of a line; 0: there was none
 * @param digest of that line, hex; 64 zeros where there was none
 */
public record CustodyAnchor(long sequence, String digest) {}
