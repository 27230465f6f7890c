package io.hindsight.bus;

/**
 * Answer to {@link ReadAction#OPEN}. Chunks may come before it does.
 *
 * @param readId names this reading in {@link ReadCredit} and {@link ReadClose}; nobody can guess it
 * @param bytes that will come, if all goes well
 * @param chunks that will come
 * @param leaseMs without a {@link ReadCredit} for so long, the reading ends
 * @param creditBytes bytes that may be under way: what was asked for, or what the Hub gives at most
 */
public record ReadOpened(String readId, long bytes, long chunks, long leaseMs, long creditBytes) {}
