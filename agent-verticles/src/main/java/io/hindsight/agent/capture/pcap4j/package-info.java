/** Packet capture through libpcap, by pcap4j: for where AF_PACKET rings cannot be had. */
@NullMarked
package io.hindsight.agent.capture.pcap4j;

import org.jspecify.annotations.NullMarked;
