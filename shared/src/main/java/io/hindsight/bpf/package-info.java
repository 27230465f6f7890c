/** Packet filters in tcpdump's language: compiled and run by libpcap through the Foreign Function &amp; Memory API. */
@NullMarked
package io.hindsight.bpf;

import org.jspecify.annotations.NullMarked;
