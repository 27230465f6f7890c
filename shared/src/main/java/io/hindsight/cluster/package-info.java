/** The clustered event bus: who is a member of it, and how its members prove themselves. */
@NullMarked
package io.hindsight.cluster;

import org.jspecify.annotations.NullMarked;
