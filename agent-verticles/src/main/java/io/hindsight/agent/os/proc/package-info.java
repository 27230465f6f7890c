/** What {@code /proc} and cgroup paths tell of processes: identity, arguments, cgroup, container, open sockets. */
@NullMarked
package io.hindsight.agent.os.proc;

import org.jspecify.annotations.NullMarked;
