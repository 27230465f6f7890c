package io.hindsight.bus;

/**
 * {@link ReadAction#CREDIT}.
 *
 * @param readId of {@link ReadOpened}
 * @param creditBytes bytes that have been consumed since the last one, so that as many more may be sent; 0 renews the lease alone
 */
public record ReadCredit(String readId, long creditBytes) {}
