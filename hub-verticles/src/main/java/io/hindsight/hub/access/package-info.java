/** Who sends a request, and what they may do. */
@NullMarked
package io.hindsight.hub.access;

import org.jspecify.annotations.NullMarked;
