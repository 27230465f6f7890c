package io.hindsight.api;

import org.jspecify.annotations.Nullable;

/**
 * What one node's packet source has in the kernel now. Immutable.
 *
 * @param revision of the {@link CaptureState} that it follows; 0 while no Hub has told one
 * @param expression BPF of what is recorded, shortened where it is long; empty: everything
 * @param pods of this node whose addresses are in the expression
 * @param problem why this is not what the policy asks for, whole sentence
 */
public record NodeCapture(long revision, String expression, int pods, @Nullable String problem) {}
