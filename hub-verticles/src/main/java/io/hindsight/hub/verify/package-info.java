/** Reads sealed snapshots back, byte for byte, and says what is wrong with them. Needs no Hub. */
@NullMarked
package io.hindsight.hub.verify;

import org.jspecify.annotations.NullMarked;
