package io.hindsight.bus;

/**
 * The Hub's answer to {@link ChunkOffer}.
 *
 * @param room whether there is room for the chunk, so that its pieces may come now; else the Hub is busy, and is to be asked again: the
 *     chunk keeps its place in the queue
 */
public record OfferAnswer(boolean room) {}
