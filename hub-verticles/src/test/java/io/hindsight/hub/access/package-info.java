/** Whose token it is, and what its owner may do. */
@NullMarked
package io.hindsight.hub.access;

import org.jspecify.annotations.NullMarked;
