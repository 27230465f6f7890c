/** The chunk: the unit that is recorded, checksummed, pinned, sent, written and verified. */
@NullMarked
package io.hindsight.chunk;

import org.jspecify.annotations.NullMarked;
