package io.hindsight.api;

/**
 * What an agent has moved of one source since it started.
 *
 * @param ringReadBytes bytes of chunks that were read from the ring to be sent; a chunk that is read twice counts twice
 * @param channelSentBytes bytes that were handed to the channels to the Hub
 */
public record Transfer(long ringReadBytes, long channelSentBytes) {}
