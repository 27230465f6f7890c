/** Operating-system events: processes and sockets, by eBPF or netlink, with what /proc and cgroups tell of them. */
@NullMarked
package io.hindsight.agent.os;

import org.jspecify.annotations.NullMarked;
