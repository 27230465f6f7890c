package io.hindsight.api;

import org.jspecify.annotations.Nullable;

/**
 * Which rules of retention to look at.
 *
 * @param retainFor length of time in place of the Hub's setting, for example {@code 30d}; {@code 0s}: no such rule
 * @param retainBytes size in place of the Hub's setting, for example {@code 20Gi}; {@code 0}: no such rule
 */
public record RetentionQuery(@Nullable String retainFor, @Nullable String retainBytes) {}
