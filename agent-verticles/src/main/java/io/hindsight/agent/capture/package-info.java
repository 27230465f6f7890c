/** Packet capture: the port {@link io.hindsight.agent.capture.PacketSource} and its implementations. */
@NullMarked
package io.hindsight.agent.capture;

import org.jspecify.annotations.NullMarked;
