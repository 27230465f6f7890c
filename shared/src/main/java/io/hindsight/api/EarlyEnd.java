package io.hindsight.api;

import java.time.Instant;

/**
 * That a window was ended before its time: the snapshot holds what had been recorded until then, and its {@code to} is the moment of the end.
 *
 * @param by who ended it: {@code local}, or the token's name
 * @param at when
 * @param askedTo what {@code to} was before
 */
public record EarlyEnd(String by, Instant at, Instant askedTo) {}
