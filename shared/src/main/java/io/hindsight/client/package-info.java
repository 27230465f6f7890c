/**
 * The Java client of a Hub's event bus: {@link io.hindsight.client.HubClient}. The same program runs in the Hub's own Vert.x, as a member of its cluster, and, with a
 * {@link io.hindsight.client.HubBridge}, anywhere that the Hub's port can be reached.
 */
@NullMarked
package io.hindsight.client;

import org.jspecify.annotations.NullMarked;
