package io.hindsight.bpf;

/**
 * One instruction of a classic BPF program: libpcap's {@code struct bpf_insn} and the kernel's {@code struct sock_filter}, which are the
 * same. Fields are in the machine's byte order.
 *
 * <pre>
 * offset  width  field
 *      0      2  code
 *      2      1  jump if true
 *      3      1  jump if false
 *      4      4  operand
 *      8
 * </pre>
 */
public final class BpfInstructionDescriptor {
    public static final int CODE_OFFSET = 0;
    public static final int JUMP_TRUE_OFFSET = CODE_OFFSET + Short.BYTES;
    public static final int JUMP_FALSE_OFFSET = JUMP_TRUE_OFFSET + Byte.BYTES;
    public static final int OPERAND_OFFSET = JUMP_FALSE_OFFSET + Byte.BYTES;
    public static final int LENGTH = OPERAND_OFFSET + Integer.BYTES;

    /** Instructions that the kernel takes at most ({@code BPF_MAXINSNS}). */
    public static final int MAX_KERNEL_INSTRUCTIONS = 4_096;

    private BpfInstructionDescriptor() {}
}
