/** Reads what a captured packet says of itself, in place. */
@NullMarked
package io.hindsight.hub.packet;

import org.jspecify.annotations.NullMarked;
