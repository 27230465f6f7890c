/** Tests. */
@NullMarked
package io.hindsight.hub.derive;

import org.jspecify.annotations.NullMarked;
