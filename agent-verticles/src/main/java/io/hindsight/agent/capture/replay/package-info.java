/** Packets from a pcap or pcapng file, through the same path as those of an interface. */
@NullMarked
package io.hindsight.agent.capture.replay;

import org.jspecify.annotations.NullMarked;
