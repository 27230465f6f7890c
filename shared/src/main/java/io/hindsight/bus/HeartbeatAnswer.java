package io.hindsight.bus;

/**
 * The Hub's answer to a heartbeat that asks for one. With the times of sending and receipt it tells the agent how far the two clocks are
 * apart, as in NTP (RFC 5905, section 8).
 *
 * @param hubTimeNs the Hub's wall clock, since the epoch, when it had the heartbeat
 */
public record HeartbeatAnswer(long hubTimeNs) {}
