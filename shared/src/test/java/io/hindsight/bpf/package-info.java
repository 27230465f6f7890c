/** Filters against libpcap and hostile expressions. */
@NullMarked
package io.hindsight.bpf;

import org.jspecify.annotations.NullMarked;
