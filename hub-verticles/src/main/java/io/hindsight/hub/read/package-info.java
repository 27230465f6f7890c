/** Gives programs on the event bus the chunks of sealed snapshots, as fast as each takes them. */
@NullMarked
package io.hindsight.hub.read;

import org.jspecify.annotations.NullMarked;
