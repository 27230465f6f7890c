/** Which agents there are and what they say of themselves. */
@NullMarked
package io.hindsight.hub.nodes;

import org.jspecify.annotations.NullMarked;
