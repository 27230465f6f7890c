/** Verifies sealed snapshots again and again in the background, slowly. */
@NullMarked
package io.hindsight.hub.scrub;

import org.jspecify.annotations.NullMarked;
