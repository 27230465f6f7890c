package io.hindsight.agent.capture.linux;

/**
 * {@code struct sock_fprog} (linux/filter.h) on a 64-bit machine: the argument of {@code SO_ATTACH_FILTER}.
 *
 * <pre>
 * offset  width  field
 *      0      2  len     instructions
 *      2      6  padding
 *      8      8  filter  address of {@code struct sock_filter[len]}
 * </pre>
 */
final class FilterProgramDescriptor {
    static final int COUNT_OFFSET = 0;
    static final int INSTRUCTIONS_OFFSET = 8;
    static final int LENGTH = INSTRUCTIONS_OFFSET + Long.BYTES;

    private FilterProgramDescriptor() {}
}
