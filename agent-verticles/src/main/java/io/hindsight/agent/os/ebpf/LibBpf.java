package io.hindsight.agent.os.ebpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The functions of libbpf that loading needs, by the Foreign Function &amp; Memory API; a negative result is {@code -errno}. To be touched only after
 * {@link LibBpfLibrary#require()}. Thread-safe as libbpf is: one object belongs to one thread at a time.
 */
@SuppressWarnings("restricted") // calling C is this class's purpose
final class LibBpf {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = LibBpfLibrary.require();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SET_PRINT = handle("libbpf_set_print", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle OPEN_MEM =
            handle(
                    "bpf_object__open_mem",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS),
                    Linker.Option.captureCallState("errno"));
    private static final MethodHandle LOAD = handle("bpf_object__load", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle CLOSE = handle("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle NEXT_PROGRAM =
            handle("bpf_object__next_program", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle PROGRAM_NAME =
            handle("bpf_program__name", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle SECTION_NAME =
            handle("bpf_program__section_name", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle SET_AUTOLOAD =
            handle("bpf_program__set_autoload", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_BOOLEAN));
    private static final MethodHandle SET_LOG_BUF =
            handle("bpf_program__set_log_buf", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle PROGRAM_FD = handle("bpf_program__fd", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle ATTACH =
            handle(
                    "bpf_program__attach",
                    FunctionDescriptor.of(ADDRESS, ADDRESS),
                    Linker.Option.captureCallState("errno"));
    private static final MethodHandle LINK_DESTROY =
            handle("bpf_link__destroy", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle FIND_MAP =
            handle("bpf_object__find_map_by_name", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle MAP_FD = handle("bpf_map__fd", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle SET_MAX_ENTRIES =
            handle("bpf_map__set_max_entries", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SET_INITIAL_VALUE =
            handle("bpf_map__set_initial_value", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle INFO_BY_FD =
            handle("bpf_obj_get_info_by_fd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    /** No name of a program or section is longer: the kernel takes 15 characters, sections name a tracepoint. */
    private static final long NAME_LENGTH = 256;

    static {
        // By default libbpf writes to standard error. A program's refusal is told in the kernel's words, from the log
        // buffer.
        try {
            MemorySegment former = (MemorySegment) SET_PRINT.invokeExact(MemorySegment.NULL);
            assert former != null;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private LibBpf() {}

    private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), descriptor, options);
    }

    /**
     * An object of an image, which has to stay where it is.
     *
     * @throws Refusal where the image is not one
     */
    static MemorySegment open(MemorySegment image, MemorySegment options) throws Refusal {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            return required((MemorySegment) OPEN_MEM.invokeExact(state, image, image.byteSize(), options), state);
        } catch (Refusal e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int load(MemorySegment object) {
        try {
            return (int) LOAD.invokeExact(object);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Frees everything of it but links. */
    static void close(MemorySegment object) {
        try {
            CLOSE.invokeExact(object);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The program after another, the first one after null; null after the last. */
    static MemorySegment nextProgram(MemorySegment object, MemorySegment program) {
        try {
            return (MemorySegment) NEXT_PROGRAM.invokeExact(object, program);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static String programName(MemorySegment program) {
        try {
            return text((MemorySegment) PROGRAM_NAME.invokeExact(program));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static String sectionName(MemorySegment program) {
        try {
            return text((MemorySegment) SECTION_NAME.invokeExact(program));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int setAutoload(MemorySegment program, boolean wanted) {
        try {
            return (int) SET_AUTOLOAD.invokeExact(program, wanted);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Where the verifier is to write why it refuses the program. */
    static int setLogBuffer(MemorySegment program, MemorySegment buffer) {
        try {
            return (int) SET_LOG_BUF.invokeExact(program, buffer, buffer.byteSize());
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int programFd(MemorySegment program) {
        try {
            return (int) PROGRAM_FD.invokeExact(program);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /**
     * Has the program run from now on.
     *
     * @throws Refusal where the kernel does not want to
     */
    static MemorySegment attach(MemorySegment program) throws Refusal {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            return required((MemorySegment) ATTACH.invokeExact(state, program), state);
        } catch (Refusal e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int destroyLink(MemorySegment link) {
        try {
            return (int) LINK_DESTROY.invokeExact(link);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Null where there is none of this name; a name that begins with a dot is that of a section. */
    static MemorySegment findMap(MemorySegment object, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (MemorySegment) FIND_MAP.invokeExact(object, arena.allocateFrom(name));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int mapFd(MemorySegment map) {
        try {
            return (int) MAP_FD.invokeExact(map);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int setMaxEntries(MemorySegment map, int entries) {
        try {
            return (int) SET_MAX_ENTRIES.invokeExact(map, entries);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int setInitialValue(MemorySegment map, byte[] value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(value.length, Long.BYTES);
            MemorySegment.copy(MemorySegment.ofArray(value), 0, copy, 0, value.length);
            return (int) SET_INITIAL_VALUE.invokeExact(map, copy, (long) value.length);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** What the kernel tells of a program; {@code length} holds the length of {@code info}, and afterwards how much of it was filled. */
    static int infoByFd(int fd, MemorySegment info, MemorySegment length) {
        try {
            return (int) INFO_BY_FD.invokeExact(fd, info, length);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static MemorySegment required(MemorySegment result, MemorySegment state) throws Refusal {
        if (result.equals(MemorySegment.NULL)) {
            throw new Refusal((int) ERRNO.get(state, 0L));
        }
        return result;
    }

    private static String text(MemorySegment address) {
        return address.reinterpret(NAME_LENGTH).getString(0);
    }

    /** C functions throw nothing: only a defect, such as an {@code Error} of the JVM, comes here. */
    private static AssertionError impossible(Throwable e) {
        return new AssertionError("A call of libbpf failed in the JVM", e);
    }

    /** libbpf or the kernel said no. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final int errno;

        Refusal(int errno) {
            super("errno=" + errno, null, false, false);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }
}
