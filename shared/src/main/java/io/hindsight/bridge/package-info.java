/** The client's side of Vert.x's event-bus bridge over a WebSocket: what an agent's link speaks and what bridged programs speak. */
@NullMarked
package io.hindsight.bridge;

import org.jspecify.annotations.NullMarked;
