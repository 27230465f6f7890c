package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.hindsight.agent.capture.AddressGate;
import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.ClassicBpf;
import io.hindsight.agent.capture.HardwareTypes;
import io.hindsight.bpf.BpfInstructionDescriptor;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The classic BPF program that a capture socket runs on each packet, put together of up to four parts:
 *
 * <ol>
 *   <li>which interfaces, where not all are recorded from: one whose index is higher than any seen passes, so that an interface which
 *       has just appeared is not missed; the reader decides about it;
 *   <li>what loopback sends is dropped, because loopback receives it too;
 *   <li>addresses that are recorded or left out ({@link AddressGate});
 *   <li>the capture filter's expressions, one after the other, compiled for the link type of the packet's interface; or the snap length alone.
 * </ol>
 *
 * <p>Each instruction is one number ({@link ClassicBpf}). Immutable.
 */
final class CaptureFilterProgram {
    private static final int DROP = 0;

    /** Interfaces that the kernel picks from; with more, the reader does it all. */
    private static final int MAX_INTERFACES = 1_000;

    private final long[] instructions;

    private CaptureFilterProgram(LinkSelection links, boolean pick, long[] rest) {
        long[] instructions = concat(interfaces(links, pick), loopback(), rest);
        if (instructions.length > BpfInstructionDescriptor.MAX_KERNEL_INSTRUCTIONS) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_FILTER,
                    "capture-filter",
                    "The capture filter needs "
                            + instructions.length
                            + " instructions with all addresses and link types; the kernel takes "
                            + BpfInstructionDescriptor.MAX_KERNEL_INSTRUCTIONS
                            + ".");
        }
        this.instructions = instructions;
    }

    /** Every packet of the interfaces, cut at the snap length. {@code pick} is false where the socket is bound to its interface. */
    static CaptureFilterProgram ofSnapLength(LinkSelection links, boolean pick, int snapLength) {
        return ofSnapLength(links, pick, snapLength, CaptureFilter.of(""));
    }

    /** As {@link #ofSnapLength}, of packets whose addresses the filter accepts. */
    static CaptureFilterProgram ofSnapLength(LinkSelection links, boolean pick, int snapLength, CaptureFilter filter) {
        long[] end = {ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, snapLength)};
        return new CaptureFilterProgram(links, pick, AddressGate.inFrontOf(filter, end));
    }

    /**
     * The packets whose addresses the filter accepts and that all programs of their hardware type accept; those of other hardware types are dropped.
     *
     * @param byHardwareType equal for those that share a link type
     */
    static CaptureFilterProgram ofPrograms(
            LinkSelection links, boolean pick, Map<Integer, List<BpfProgram>> byHardwareType, CaptureFilter filter) {
        return new CaptureFilterProgram(links, pick, AddressGate.inFrontOf(filter, dispatch(byHardwareType)));
    }

    private static long[] interfaces(LinkSelection links, boolean pick) {
        int count = links.indexes().size();
        if (!pick || links.every() || count > MAX_INTERFACES) {
            return new long[0];
        }
        long[] part = new long[2 + 2 + 2 * count];
        int at = 0;
        part[at++] = ClassicBpf.instruction(ClassicBpf.LOAD_WORD, 0, 0, ClassicBpf.INTERFACE_INDEX);
        part[at++] = ClassicBpf.instruction(ClassicBpf.JUMP_IF_GREATER, 0, 1, links.highestIndex());
        part[at] = ClassicBpf.instruction(ClassicBpf.JUMP, 0, 0, part.length - ++at);
        for (int index : links.indexes()) {
            part[at++] = ClassicBpf.instruction(ClassicBpf.JUMP_IF_EQUAL, 0, 1, index);
            part[at] = ClassicBpf.instruction(ClassicBpf.JUMP, 0, 0, part.length - ++at);
        }
        part[at] = ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, DROP);
        return part;
    }

    private static long[] loopback() {
        return new long[] {
            ClassicBpf.instruction(ClassicBpf.LOAD_WORD, 0, 0, ClassicBpf.HARDWARE_TYPE),
            ClassicBpf.instruction(ClassicBpf.JUMP_IF_EQUAL, 0, 3, HardwareTypes.LOOPBACK),
            ClassicBpf.instruction(ClassicBpf.LOAD_WORD, 0, 0, ClassicBpf.PACKET_TYPE),
            ClassicBpf.instruction(ClassicBpf.JUMP_IF_EQUAL, 0, 1, LinkLayerAddressDescriptor.PACKET_TYPE_OUTGOING),
            ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, DROP)
        };
    }

    private static long[] dispatch(Map<Integer, List<BpfProgram>> byHardwareType) {
        List<List<BpfProgram>> chains = byHardwareType.values().stream().distinct().toList();
        long[][] bodies = chains.stream().map(CaptureFilterProgram::chained).toArray(long[][]::new);
        long[] table = new long[2 + 2 * byHardwareType.size()];
        int at = 0;
        table[at++] = ClassicBpf.instruction(ClassicBpf.LOAD_WORD, 0, 0, ClassicBpf.HARDWARE_TYPE);
        for (Map.Entry<Integer, List<BpfProgram>> entry : byHardwareType.entrySet()) {
            table[at++] = ClassicBpf.instruction(ClassicBpf.JUMP_IF_EQUAL, 0, 1, entry.getKey());
            int body = table.length + lengthBefore(bodies, chains.indexOf(entry.getValue()));
            table[at] = ClassicBpf.instruction(ClassicBpf.JUMP, 0, 0, body - ++at);
        }
        table[at] = ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, DROP);
        return concat(table, concat(bodies));
    }

    /** Where a program accepts, the next one runs; the last one's word counts. */
    private static long[] chained(List<BpfProgram> programs) {
        long[][] bodies = programs.stream().map(CaptureFilterProgram::instructionsOf).toArray(long[][]::new);
        for (long[] body : Arrays.copyOf(bodies, bodies.length - 1)) {
            for (int i = 0; i < body.length; i++) {
                if (ClassicBpf.code(body[i]) == ClassicBpf.RETURN && ClassicBpf.operand(body[i]) != DROP) {
                    body[i] = ClassicBpf.instruction(ClassicBpf.JUMP, 0, 0, body.length - i - 1);
                }
            }
        }
        return concat(bodies);
    }

    private static int lengthBefore(long[][] bodies, int index) {
        return Arrays.stream(bodies, 0, index).mapToInt(body -> body.length).sum();
    }

    private static long[] instructionsOf(BpfProgram program) {
        return program.instructions().toArray(JAVA_LONG);
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
