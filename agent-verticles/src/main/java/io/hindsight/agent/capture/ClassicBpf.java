package io.hindsight.agent.capture;

/**
 * Operations of classic BPF (linux/bpf_common.h, linux/filter.h), and an instruction as one little-endian number: {@code struct sock_filter} with the code in bits 0–15,
 * jump if true 16–23, jump if false 24–31, operand 32–63.
 */
public final class ClassicBpf {
    /** A = 32 bits of the packet, or of its metadata, at a fixed offset. */
    public static final int LOAD_WORD = 0x20;

    static final int LOAD_HALF = 0x28;
    static final int LOAD_BYTE = 0x30;

    // A = so many bits at X plus an offset.
    static final int LOAD_WORD_AT_X = 0x40;
    static final int LOAD_HALF_AT_X = 0x48;
    static final int LOAD_BYTE_AT_X = 0x50;

    // The scratch memory's words.
    static final int LOAD_SCRATCH = 0x60;
    static final int LOAD_X_SCRATCH = 0x61;
    static final int STORE = 0x02;
    static final int STORE_X = 0x03;

    static final int LOAD_X_CONSTANT = 0x01;
    static final int ADD_X = 0x0C;
    static final int AND = 0x54;
    static final int SHIFT_LEFT = 0x64;

    public static final int JUMP = 0x05;
    public static final int JUMP_IF_EQUAL = 0x15;

    /** Unsigned. */
    public static final int JUMP_IF_GREATER = 0x25;

    /** Unsigned. */
    static final int JUMP_IF_AT_LEAST = 0x35;

    static final int JUMP_IF_BITS = 0x45;

    /** Accepts so many bytes of the packet; 0: drops it. */
    public static final int RETURN = 0x06;

    /** Ancillary loads (linux/filter.h): SKF_AD_OFF plus SKF_AD_PKTTYPE, _IFINDEX, _HATYPE. */
    private static final int ANCILLARY = -0x1000;

    public static final int PACKET_TYPE = ANCILLARY + 4;
    public static final int INTERFACE_INDEX = ANCILLARY + 8;
    public static final int HARDWARE_TYPE = ANCILLARY + 28;

    private ClassicBpf() {}

    /** An instruction that is no conditional jump, or a conditional one with both its distances. */
    public static long instruction(int code, int jumpTrue, int jumpFalse, int operand) {
        return code | ((long) jumpTrue << 16) | ((long) jumpFalse << 24) | ((long) operand << 32);
    }

    /** The operation of an instruction. */
    public static int code(long instruction) {
        return (int) instruction & 0xFFFF;
    }

    /** The operand of an instruction. */
    public static int operand(long instruction) {
        return (int) (instruction >>> 32);
    }
}
