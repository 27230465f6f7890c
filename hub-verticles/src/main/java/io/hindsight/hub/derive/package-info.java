/** Files of a snapshot that are computed from its data while it is sealed: the port, and what calls it. */
@NullMarked
package io.hindsight.hub.derive;

import org.jspecify.annotations.NullMarked;
