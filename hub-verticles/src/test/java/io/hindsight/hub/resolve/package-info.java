/** Tests of who had an address or a socket when. */
@NullMarked
package io.hindsight.hub.resolve;

import org.jspecify.annotations.NullMarked;
