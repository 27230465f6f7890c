package io.hindsight.bus;

import org.jspecify.annotations.Nullable;

/**
 * The last message of a reading, as JSON at the address of the chunks. A reader that counted others has lost some.
 *
 * @param readId of {@link ReadOpened}
 * @param chunks that were sent whole
 * @param bytes that were sent
 * @param failure null where all was sent; else why not, a whole sentence
 * @param failureCode null where all was sent; else the {@link io.hindsight.error.ErrorCode}'s name
 */
public record ReadEnd(String readId, long chunks, long bytes, @Nullable String failure, @Nullable String failureCode) {}
