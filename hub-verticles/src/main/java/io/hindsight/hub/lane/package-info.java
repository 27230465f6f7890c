/** Lanes: chunks that arrive from agents on other machines. */
@NullMarked
package io.hindsight.hub.lane;

import org.jspecify.annotations.NullMarked;
