package io.hindsight.bus;

/**
 * {@link ReadAction#CLOSE}.
 *
 * @param readId of {@link ReadOpened}
 */
public record ReadClose(String readId) {}
