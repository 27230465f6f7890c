/** Stand-ins for what the Hub talks to. */
@NullMarked
package io.hindsight.hub.testing;

import org.jspecify.annotations.NullMarked;
