package io.hindsight.bpf;

import io.hindsight.error.CapturePrivilege;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.regex.Pattern;

/**
 * From an expression to instructions: {@code pcap_compile} on a handle that lives just as long.
 *
 * <p>{@code pcap_compile} is safe to call from several threads since libpcap 1.8; before, the parser's state was global, so there one
 * expression at a time is compiled. No lock where none is needed: an expression with host names waits for the resolver.
 */
final class BpfCompiler {
    /** {@code struct bpf_program}: a 32-bit count, padding, a pointer. */
    private static final int PROGRAM_LENGTH = 16;

    private static final int PROGRAM_COUNT_OFFSET = 0;
    private static final int PROGRAM_INSTRUCTIONS_OFFSET = 8;

    /** Instructions of a program, at most: far more than an expression of the allowed length makes. */
    private static final int MAX_INSTRUCTIONS = 1 << 20;

    /** {@code PCAP_NETMASK_UNKNOWN}: only {@code ip broadcast} needs it, and is refused without. */
    private static final int NETMASK_UNKNOWN = 0xFFFF_FFFF;

    private static final int OPTIMIZE = 1;

    /** {@code PCAP_ERROR_PERM_DENIED} and {@code PCAP_ERROR_PROMISC_PERM_DENIED}. */
    private static final int ERROR_PERMISSION_DENIED = -8;

    private static final int ERROR_PROMISCUOUS_DENIED = -11;

    private static final Pattern OLD_VERSION = Pattern.compile("libpcap version (0|1\\.[0-7])\\.");
    private static final Object COMPILE_LOCK = new Object();

    private BpfCompiler() {}

    static BpfProgram compileDead(String expression, int linkType, int snapLength) {
        checkExpression(expression);
        LibPcapLibrary.require();
        MemorySegment pcap = LibPcap.openDead(LinkTypes.toDlt(linkType), effectiveSnapLength(snapLength));
        if (pcap.equals(MemorySegment.NULL)) {
            throw new HindsightException(ErrorCode.IO_FAILED, "libpcap: pcap_open_dead had no memory.");
        }
        return compileAndClose(pcap, expression, linkType);
    }

    static BpfProgram compileLive(String expression, String deviceName, int snapLength) {
        checkExpression(expression);
        LibPcapLibrary.require();
        MemorySegment pcap = open(deviceName, effectiveSnapLength(snapLength));
        return compileAndClose(pcap, expression, LinkTypes.ofDlt(LibPcap.datalink(pcap)));
    }

    private static void checkExpression(String expression) {
        if (expression.length() > BpfProgram.MAX_EXPRESSION_LENGTH) {
            throw invalid(
                    "The filter has "
                            + expression.length()
                            + " characters; the limit is "
                            + BpfProgram.MAX_EXPRESSION_LENGTH
                            + ".");
        }
        if (expression.indexOf('\0') >= 0) {
            throw invalid("The filter holds a zero character at index=" + expression.indexOf('\0') + ".");
        }
    }

    private static int effectiveSnapLength(int snapLength) {
        return snapLength <= 0 ? BpfProgram.MAX_SNAP_LENGTH : Math.min(snapLength, BpfProgram.MAX_SNAP_LENGTH);
    }

    private static MemorySegment open(String deviceName, int snapLength) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errorBuffer = arena.allocate(LibPcap.ERROR_BUFFER_LENGTH);
            MemorySegment pcap = LibPcap.create(deviceName, errorBuffer);
            if (pcap.equals(MemorySegment.NULL)) {
                throw new HindsightException(
                        ErrorCode.IO_FAILED, "Cannot open interface=" + deviceName + ": " + errorBuffer.getString(0));
            }
            return activate(pcap, deviceName, snapLength);
        }
    }

    private static MemorySegment activate(MemorySegment pcap, String deviceName, int snapLength) {
        LibPcap.setSnaplen(pcap, snapLength);
        int status = LibPcap.activate(pcap);
        if (status >= 0) {
            return pcap;
        }
        String words = LibPcap.geterr(pcap);
        LibPcap.close(pcap);
        throw activationFailure(status, deviceName, words);
    }

    private static HindsightException activationFailure(int status, String deviceName, String words) {
        if (status == ERROR_PERMISSION_DENIED || status == ERROR_PROMISCUOUS_DENIED) {
            return new HindsightException(
                    ErrorCode.MISSING_PRIVILEGE,
                    "Cannot open interface="
                            + deviceName
                            + " without privilege ("
                            + words
                            + "). Run as root, or grant it once: "
                            + CapturePrivilege.grantingLine());
        }
        return new HindsightException(
                ErrorCode.IO_FAILED,
                "Cannot open interface=" + deviceName + ": " + (words.isEmpty() ? "libpcap status=" + status : words));
    }

    private static BpfProgram compileAndClose(MemorySegment pcap, String expression, int linkType) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(PROGRAM_LENGTH, Long.BYTES);
            compileGuarded(pcap, program, arena.allocateFrom(expression));
            return new BpfProgram(expression, linkType, takeInstructions(program));
        } finally {
            LibPcap.close(pcap);
        }
    }

    private static void compileGuarded(MemorySegment pcap, MemorySegment program, MemorySegment expression) {
        if (OLD_VERSION.matcher(LibPcap.libVersion()).find()) {
            synchronized (COMPILE_LOCK) {
                compile(pcap, program, expression);
            }
        } else {
            compile(pcap, program, expression);
        }
    }

    private static void compile(MemorySegment pcap, MemorySegment program, MemorySegment expression) {
        if (LibPcap.compile(pcap, program, expression, OPTIMIZE, NETMASK_UNKNOWN) != 0) {
            throw invalid("libpcap refuses the filter: " + LibPcap.geterr(pcap));
        }
    }

    /** Copies the instructions into memory that the garbage collector looks after, and frees libpcap's. */
    @SuppressWarnings("restricted") // libpcap says how many instructions its pointer leads to
    private static MemorySegment takeInstructions(MemorySegment program) {
        try {
            int count = program.get(ValueLayout.JAVA_INT, PROGRAM_COUNT_OFFSET);
            if (count <= 0 || count > MAX_INSTRUCTIONS) {
                throw invalid(
                        "The filter compiles to " + count + " instructions; the limit is " + MAX_INSTRUCTIONS + ".");
            }
            MemorySegment compiled = program.get(ValueLayout.ADDRESS, PROGRAM_INSTRUCTIONS_OFFSET);
            long length = (long) count * BpfInstructionDescriptor.LENGTH;
            MemorySegment copy = Arena.ofAuto().allocate(length, Long.BYTES);
            return copy.copyFrom(compiled.reinterpret(length)).asReadOnly();
        } finally {
            LibPcap.freecode(program);
        }
    }

    private static HindsightException invalid(String message) {
        return HindsightException.ofField(ErrorCode.INVALID_FILTER, "bpf", message);
    }
}
