/** Tests. */
@NullMarked
package io.hindsight.hub.store;

import org.jspecify.annotations.NullMarked;
