/** Snapshots while they are made: requests, sessions, progress. */
@NullMarked
package io.hindsight.hub.snapshot;

import org.jspecify.annotations.NullMarked;
