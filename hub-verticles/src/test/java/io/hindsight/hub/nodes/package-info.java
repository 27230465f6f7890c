/** Tests. */
@NullMarked
package io.hindsight.hub.nodes;

import org.jspecify.annotations.NullMarked;
