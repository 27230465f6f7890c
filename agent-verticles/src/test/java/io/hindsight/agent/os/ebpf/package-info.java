/** Tests. */
@NullMarked
package io.hindsight.agent.os.ebpf;

import org.jspecify.annotations.NullMarked;
