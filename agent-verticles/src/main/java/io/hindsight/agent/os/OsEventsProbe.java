package io.hindsight.agent.os;

import io.hindsight.api.NodeStatus.ProgramStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which feed of operating-system events a machine offers.
 *
 * @param taken {@code ebpf} or {@code netlink}; absent where none can be had
 * @param programs of the feed that is taken
 * @param noEbpf why not eBPF; absent where it works or is not asked for
 * @param noNetlink why not netlink; absent where it works, or is not needed
 */
public record OsEventsProbe(
        @Nullable String taken, List<ProgramStatus> programs, @Nullable String noEbpf, @Nullable String noNetlink) {
    public OsEventsProbe {
        programs = List.copyOf(programs);
    }
}
