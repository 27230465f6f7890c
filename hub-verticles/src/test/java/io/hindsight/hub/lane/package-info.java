/** Tests. */
@NullMarked
package io.hindsight.hub.lane;

import org.jspecify.annotations.NullMarked;
