/** Who had an address, and which process had a socket, at any moment of a snapshot. */
@NullMarked
package io.hindsight.hub.resolve;

import org.jspecify.annotations.NullMarked;
