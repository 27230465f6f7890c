/** Programs in the kernel: loading them by libbpf, reading their ring buffer, and the kernel's clock. Knows nothing of what the records mean. */
@NullMarked
package io.hindsight.agent.os.ebpf;

import org.jspecify.annotations.NullMarked;
