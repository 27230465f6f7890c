package io.hindsight.bus;

import org.jspecify.annotations.Nullable;

/**
 * Asks an agent for a page of the Kubernetes objects that it knows, and of those that were there lately.
 *
 * @param after {@link KnownObjectsAnswer#next} of the page before; absent: the first page
 * @param limit objects on the page, 1 to {@value #MAX_LIMIT}; a page ends earlier where its bytes would be too many for a message
 */
public record KnownObjectsRequest(@Nullable String after, int limit) {
    /** Most objects on a page. */
    public static final int MAX_LIMIT = 500;
}
