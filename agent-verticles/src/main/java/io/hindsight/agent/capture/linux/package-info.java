/** Packet capture on Linux: {@code AF_PACKET} with {@code TPACKET_V3}, and rtnetlink, through the Foreign Function &amp; Memory API. */
@NullMarked
package io.hindsight.agent.capture.linux;

import org.jspecify.annotations.NullMarked;
