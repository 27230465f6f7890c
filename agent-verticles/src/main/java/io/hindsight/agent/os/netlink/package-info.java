/** What the kernel tells of processes and sockets through netlink: the process connector, and {@code sock_diag} in each network namespace. */
@NullMarked
package io.hindsight.agent.os.netlink;

import org.jspecify.annotations.NullMarked;
