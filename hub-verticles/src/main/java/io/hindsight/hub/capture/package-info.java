/** What the nodes record: one policy for the cluster, kept here, and told to every agent. */
@NullMarked
package io.hindsight.hub.capture;

import org.jspecify.annotations.NullMarked;
