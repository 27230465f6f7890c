package io.hindsight.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * libpcap's calls, one method each, named as in {@code pcap.h}. Initialised at the first use only, after {@link LibPcapLibrary#require()}
 * has found the library. The handles are constants, so that the JIT makes a plain call of {@link #bpfFilter}.
 */
@SuppressWarnings("restricted") // calling libpcap is this class's purpose
final class LibPcap {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = LibPcapLibrary.require();

    private static final MethodHandle LIB_VERSION = handle("pcap_lib_version", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle OPEN_DEAD =
            handle("pcap_open_dead", FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle CREATE = handle("pcap_create", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle SET_SNAPLEN =
            handle("pcap_set_snaplen", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ACTIVATE = handle("pcap_activate", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle DATALINK = handle("pcap_datalink", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle COMPILE =
            handle("pcap_compile", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle FREECODE = handle("pcap_freecode", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle GETERR = handle("pcap_geterr", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle CLOSE = handle("pcap_close", FunctionDescriptor.ofVoid(ADDRESS));

    /** Addresses go as numbers: a shared arena's segment would cost two atomic operations a call (docs/adr). */
    private static final MethodHandle BPF_FILTER =
            handle(
                    "bpf_filter",
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
                    Linker.Option.critical(false));

    /** libpcap writes no message longer than {@code PCAP_ERRBUF_SIZE}. */
    static final int ERROR_BUFFER_LENGTH = 256;

    private LibPcap() {}

    private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), descriptor, options);
    }

    static String libVersion() {
        try {
            return text((MemorySegment) LIB_VERSION.invokeExact());
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static MemorySegment openDead(int dlt, int snapLength) {
        try {
            return (MemorySegment) OPEN_DEAD.invokeExact(dlt, snapLength);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static MemorySegment create(String device, MemorySegment errorBuffer) {
        try (Arena arena = Arena.ofConfined()) {
            return (MemorySegment) CREATE.invokeExact(arena.allocateFrom(device), errorBuffer);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int setSnaplen(MemorySegment pcap, int snapLength) {
        try {
            return (int) SET_SNAPLEN.invokeExact(pcap, snapLength);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int activate(MemorySegment pcap) {
        try {
            return (int) ACTIVATE.invokeExact(pcap);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int datalink(MemorySegment pcap) {
        try {
            return (int) DATALINK.invokeExact(pcap);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int compile(MemorySegment pcap, MemorySegment program, MemorySegment expression, int optimize, int netmask) {
        try {
            return (int) COMPILE.invokeExact(pcap, program, expression, optimize, netmask);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void freecode(MemorySegment program) {
        try {
            FREECODE.invokeExact(program);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static String geterr(MemorySegment pcap) {
        try {
            return text((MemorySegment) GETERR.invokeExact(pcap));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void close(MemorySegment pcap) {
        try {
            CLOSE.invokeExact(pcap);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int bpfFilter(long instructions, long packet, int originalLength, int capturedLength) {
        try {
            return (int) BPF_FILTER.invokeExact(instructions, packet, originalLength, capturedLength);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** A C string that libpcap owns, cut at a length that none of its messages has. */
    static String text(MemorySegment address) {
        return address.reinterpret(ERROR_BUFFER_LENGTH * 4L).getString(0);
    }

    /** C functions throw nothing: only a defect, such as an {@code Error} of the JVM, comes here. */
    private static AssertionError impossible(Throwable e) {
        return new AssertionError("A call of libpcap failed in the JVM", e);
    }
}
