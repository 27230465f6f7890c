package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.hindsight.agent.capture.HardwareTypes;
import io.hindsight.bpf.BpfInstructionDescriptor;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The classic BPF program that a capture socket runs on each packet, put together of up to three parts:
 *
 * <ol>
 *   <li>which interfaces, where not all are recorded from: one whose index is higher than any seen passes, so that an interface which
 *       has just appeared is not missed; the reader decides about it;
 *   <li>what loopback sends is dropped, because loopback receives it too;
 *   <li>the capture filter, compiled for the link type of the packet's interface; or the snap length alone.
 * </ol>
 *
 * <p>An instruction is {@code struct sock_filter} as one little-endian number: code in bits 0–15, jump if true 16–23, jump if false
 * 24–31, operand 32–63. Immutable.
 */
final class CaptureFilterProgram {
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int RETURN = 0x06;

    // Ancillary loads (linux/filter.h): SKF_AD_OFF plus SKF_AD_PKTTYPE, _IFINDEX, _HATYPE.
    private static final int ANCILLARY = -0x1000;
    private static final int PACKET_TYPE = ANCILLARY + 4;
    private static final int INTERFACE_INDEX = ANCILLARY + 8;
    private static final int HARDWARE_TYPE = ANCILLARY + 28;

    private static final int DROP = 0;

    /** Interfaces that the kernel picks from; with more, the reader does it all. */
    private static final int MAX_INTERFACES = 1_000;

    private final long[] instructions;

    private CaptureFilterProgram(long[] instructions) {
        if (instructions.length > BpfInstructionDescriptor.MAX_KERNEL_INSTRUCTIONS) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_FILTER,
                    "capture-filter",
                    "The capture filter needs "
                            + instructions.length
                            + " instructions with all link types; the kernel takes "
                            + BpfInstructionDescriptor.MAX_KERNEL_INSTRUCTIONS
                            + ".");
        }
        this.instructions = instructions;
    }

    /** Every packet of the interfaces, cut at the snap length. {@code pick} is false where the socket is bound to its interface. */
    static CaptureFilterProgram ofSnapLength(LinkSelection links, boolean pick, int snapLength) {
        return new CaptureFilterProgram(
                concat(interfaces(links, pick), loopback(), new long[] {code(RETURN, 0, 0, snapLength)}));
    }

    /** The packets that the program of their hardware type accepts; those of other hardware types are dropped. */
    static CaptureFilterProgram ofPrograms(LinkSelection links, boolean pick, Map<Integer, BpfProgram> byHardwareType) {
        return new CaptureFilterProgram(concat(interfaces(links, pick), loopback(), dispatch(byHardwareType)));
    }

    private static long[] interfaces(LinkSelection links, boolean pick) {
        int count = links.indexes().size();
        if (!pick || links.every() || count > MAX_INTERFACES) {
            return new long[0];
        }
        long[] part = new long[2 + 2 + 2 * count];
        int at = 0;
        part[at++] = code(LOAD_WORD, 0, 0, INTERFACE_INDEX);
        part[at++] = code(JUMP_IF_GREATER, 0, 1, links.highestIndex());
        part[at] = code(JUMP, 0, 0, part.length - ++at);
        for (int index : links.indexes()) {
            part[at++] = code(JUMP_IF_EQUAL, 0, 1, index);
            part[at] = code(JUMP, 0, 0, part.length - ++at);
        }
        part[at] = code(RETURN, 0, 0, DROP);
        return part;
    }

    private static long[] loopback() {
        return new long[] {
            code(LOAD_WORD, 0, 0, HARDWARE_TYPE),
            code(JUMP_IF_EQUAL, 0, 3, HardwareTypes.LOOPBACK),
            code(LOAD_WORD, 0, 0, PACKET_TYPE),
            code(JUMP_IF_EQUAL, 0, 1, LinkLayerAddressDescriptor.PACKET_TYPE_OUTGOING),
            code(RETURN, 0, 0, DROP)
        };
    }

    private static long[] dispatch(Map<Integer, BpfProgram> byHardwareType) {
        BpfProgram[] programs = byHardwareType.values().stream().distinct().toArray(BpfProgram[]::new);
        long[][] bodies = Arrays.stream(programs).map(CaptureFilterProgram::instructionsOf).toArray(long[][]::new);
        long[] table = new long[2 + 2 * byHardwareType.size()];
        int at = 0;
        table[at++] = code(LOAD_WORD, 0, 0, HARDWARE_TYPE);
        for (Map.Entry<Integer, BpfProgram> entry : byHardwareType.entrySet()) {
            table[at++] = code(JUMP_IF_EQUAL, 0, 1, entry.getKey());
            int body = table.length + lengthBefore(bodies, Arrays.asList(programs).indexOf(entry.getValue()));
            table[at] = code(JUMP, 0, 0, body - ++at);
        }
        table[at] = code(RETURN, 0, 0, DROP);
        return concat(table, concat(bodies));
    }

    private static int lengthBefore(long[][] bodies, int index) {
        return Arrays.stream(bodies, 0, index).mapToInt(body -> body.length).sum();
    }

    private static long[] instructionsOf(BpfProgram program) {
        return program.instructions().toArray(JAVA_LONG);
    }

    private static long code(int code, int jumpTrue, int jumpFalse, int operand) {
        return code | ((long) jumpTrue << 16) | ((long) jumpFalse << 24) | ((long) operand << 32);
    }

    private static long[] concat(long[]... parts) {
        return Arrays.stream(parts).flatMapToLong(LongStream::of).toArray();
    }

    int instructionCount() {
        return instructions.length;
    }

    MemorySegment copyTo(Arena arena) {
        return arena.allocateFrom(JAVA_LONG, instructions);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CaptureFilterProgram program && Arrays.equals(instructions, program.instructions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(instructions);
    }
}
