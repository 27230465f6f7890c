package io.hindsight.bpf;

import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * A packet filter in tcpdump's language (man pcap-filter), compiled by libpcap.
 *
 * <p>Immutable and safe for use by any number of threads at once. The instructions are copied out of libpcap into memory that the
 * garbage collector frees with the program, so there is nothing to close and no way to run a program that has been freed.
 *
 * <p>Compiling may take milliseconds, and where an expression holds a host <em>name</em> it asks the resolver: call it on a worker.
 */
public final class BpfProgram {
    /**
     * Characters of an expression, at most. libpcap recurses over a program's blocks: this length keeps the deepest chain of terms that
     * fits into it within the stack of any Java thread.
     */
    public static final int MAX_EXPRESSION_LENGTH = 2_048;

    /** Bytes that a program accepts of a packet where no snap length is asked for: libpcap's own default. */
    public static final int MAX_SNAP_LENGTH = 262_144;

    private final String expression;
    private final int linkType;
    private final MemorySegment instructions;
    private final boolean acceptsAll;

    BpfProgram(String expression, int linkType, MemorySegment instructions) {
        this(expression, linkType, instructions, expression.isBlank());
    }

    private BpfProgram(String expression, int linkType, MemorySegment instructions, boolean acceptsAll) {
        this.expression = expression;
        this.linkType = linkType;
        this.instructions = instructions;
        this.acceptsAll = acceptsAll;
    }

    /**
     * A program that was put together without libpcap's language, for {@link #matches}.
     *
     * @param description stands where an expression would
     * @param linkType LINKTYPE_ value of the packets
     * @param instructions each a {@link BpfInstructionDescriptor} as one number; every jump leads forward to one of them, and the last one returns:
     *     this is not looked at again when the program runs
     */
    public static BpfProgram ofInstructions(String description, int linkType, long[] instructions) {
        LibPcapLibrary.require();
        MemorySegment copy =
                Arena.ofAuto().allocate((long) instructions.length * BpfInstructionDescriptor.LENGTH, Long.BYTES);
        return new BpfProgram(
                description, linkType, copy.copyFrom(MemorySegment.ofArray(instructions)).asReadOnly(), false);
    }

    /** Whether libpcap can be loaded on this machine. */
    public static boolean isAvailable() {
        return LibPcapLibrary.isPresent();
    }

    /** libpcap's words about itself, for example {@code libpcap version 1.10.3 (with TPACKET_V3)}. */
    public static String libraryVersion() {
        LibPcapLibrary.require();
        return LibPcap.libVersion();
    }

    /**
     * Compiles for stored packets: VLAN tags are looked for in the packet's bytes.
     *
     * @param expression in tcpdump's language, at most {@value #MAX_EXPRESSION_LENGTH} characters; blank accepts everything
     * @param linkType LINKTYPE_ value of the packets (tcpdump.org/linktypes.html)
     * @param snapLength what the program returns for a packet that it accepts; 0: {@value #MAX_SNAP_LENGTH}
     * @throws HindsightException INVALID_FILTER with libpcap's own words; IO_FAILED where libpcap is absent, with the line that
     *     installs it
     */
    public static BpfProgram compile(String expression, int linkType, int snapLength) {
        return BpfCompiler.compileDead(expression, linkType, snapLength);
    }

    /**
     * Compiles for a socket of this machine's kernel: VLAN tags are looked for in the packet's metadata too, where Linux puts them.
     * Opens the device for a moment. The program is right for every device of the same link type, and for the kernel only:
     * {@link #matches} has no metadata to look at.
     *
     * @param expression as for {@link #compile}
     * @param deviceName for example {@code lo}, which stands for any Ethernet device
     * @param snapLength as for {@link #compile}
     * @throws HindsightException INVALID_FILTER with libpcap's own words; MISSING_PRIVILEGE with the line that grants it; IO_FAILED
     *     where the device can't be opened or libpcap is absent
     */
    public static BpfProgram compileLive(String expression, String deviceName, int snapLength) {
        return BpfCompiler.compileLive(expression, deviceName, snapLength);
    }

    /**
     * Whether the filter accepts a packet.
     *
     * @param packet off-heap memory that holds it and stays alive during the call: whoever closes its arena must not do so meanwhile
     * @param offset where its link-layer header starts in {@code packet}
     * @param capturedLength bytes present at {@code offset}
     * @param originalLength bytes on the wire: what {@code len} and {@code greater} compare
     * @throws IndexOutOfBoundsException if the bytes do not lie inside {@code packet}
     */
    public boolean matches(MemorySegment packet, long offset, int capturedLength, int originalLength) {
        Objects.checkFromIndexSize(offset, capturedLength, packet.byteSize());
        if (acceptsAll) {
            return true;
        }
        try {
            return LibPcap.bpfFilter(instructions.address(), packet.address() + offset, originalLength, capturedLength)
                    != 0;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The expression as it was given. */
    public String expression() {
        return expression;
    }

    /** LINKTYPE_ value that it was compiled for. */
    public int linkType() {
        return linkType;
    }

    /**
     * Read-only, off-heap: an array of {@link BpfInstructionDescriptor}, that is {@code struct sock_filter[]}, as {@code
     * SO_ATTACH_FILTER} takes it. Alive as long as it, or this program, is referred to.
     */
    public MemorySegment instructions() {
        return instructions;
    }

    /** Number of {@link #instructions()}. */
    public int instructionCount() {
        return Math.toIntExact(instructions.byteSize() / BpfInstructionDescriptor.LENGTH);
    }

    @Override
    public String toString() {
        return "BpfProgram[expression="
                + expression
                + ", linkType="
                + linkType
                + ", instructions="
                + instructionCount()
                + "]";
    }
}
