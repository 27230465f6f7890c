package io.hindsight.agent.os;

import org.jspecify.annotations.Nullable;

/**
 * Which feed of operating-system events a machine offers.
 *
 * @param taken {@code ebpf} or {@code netlink}; absent where none can be had
 * @param noEbpf why not eBPF; absent where it works or is not asked for
 * @param noNetlink why not netlink; absent where it works or is not asked for
 */
public record OsEventsProbe(@Nullable String taken, @Nullable String noEbpf, @Nullable String noNetlink) {}
