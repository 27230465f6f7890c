/** Flows against tshark, and against frames put together by hand. */
@NullMarked
package io.hindsight.hub.flow;

import org.jspecify.annotations.NullMarked;
