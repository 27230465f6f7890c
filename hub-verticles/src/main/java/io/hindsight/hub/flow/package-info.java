/** Flows of sealed snapshots: who spoke to whom, how much, and how well. */
@NullMarked
package io.hindsight.hub.flow;

import org.jspecify.annotations.NullMarked;
