/** Tests. */
@NullMarked
package io.hindsight.hub.verify;

import org.jspecify.annotations.NullMarked;
