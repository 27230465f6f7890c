/** Tests. */
@NullMarked
package io.hindsight.agent.os.netlink;

import org.jspecify.annotations.NullMarked;
