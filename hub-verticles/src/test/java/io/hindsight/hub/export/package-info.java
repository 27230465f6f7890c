/** Exports against the field's own programs. */
@NullMarked
package io.hindsight.hub.export;

import org.jspecify.annotations.NullMarked;
