/** Tests. */
@NullMarked
package io.hindsight.hub.timeline;

import org.jspecify.annotations.NullMarked;
