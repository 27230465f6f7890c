/** Tests. */
@NullMarked
package io.hindsight.hub.snapshot;

import org.jspecify.annotations.NullMarked;
