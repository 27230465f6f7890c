package io.hindsight.agent.os.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct bpf_prog_info} (linux/bpf.h), as far as it is needed. A kernel that is older fills less.
 *
 * <pre>
 * offset  width  field
 *    208      8  recursion_misses  since kernel 5.12
 * </pre>
 */
final class ProgramInfo {
    private static final int RECURSION_MISSES_OFFSET = 208;
    private static final int LENGTH = RECURSION_MISSES_OFFSET + Long.BYTES;

    private ProgramInfo() {}

    /** 0 where the kernel does not tell. */
    static long missedRuns(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(LENGTH, Long.BYTES);
            int result = LibBpf.infoByFd(fd, info, arena.allocateFrom(JAVA_INT, LENGTH));
            return result == 0 ? info.get(JAVA_LONG, RECURSION_MISSES_OFFSET) : 0;
        }
    }
}
