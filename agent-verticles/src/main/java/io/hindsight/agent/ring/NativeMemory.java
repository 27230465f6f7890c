package io.hindsight.agent.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The calls of the C library that the ring needs and Java lacks: {@code posix_fallocate(3)} and {@code madvise(2)}. Where the system has
 * none (it is not Linux), each method says so and the caller does it the portable way. Stateless and thread-safe.
 */
final class NativeMemory {
    /** {@link #allocate} result: the space is there. */
    static final int DONE = 0;

    /** {@link #allocate} result: the system cannot do it. */
    static final int UNSUPPORTED = -1;

    /** {@code ENOSPC}. */
    static final int NO_SPACE = 28;

    /** {@code EDQUOT}. */
    static final int QUOTA_EXCEEDED = 122;

    private static final int OPERATION_NOT_SUPPORTED = 95;
    private static final int READ_WRITE_CLOSE_ON_EXEC = 2 | 02000000;
    private static final int MADV_POPULATE_READ = 22;
    private static final int MADV_POPULATE_WRITE = 23;

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    private static final Optional<MethodHandle> OPEN =
            find(
                    "open",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    CAPTURE_ERRNO,
                    Linker.Option.firstVariadicArg(2));
    private static final Optional<MethodHandle> CLOSE =
            find("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final Optional<MethodHandle> POSIX_FALLOCATE =
            find(
                    "posix_fallocate",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final Optional<MethodHandle> MADVISE =
            find(
                    "madvise",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private NativeMemory() {}

    @SuppressWarnings("restricted") // Calling C is what this class is for.
    private static Optional<MethodHandle> find(String name, FunctionDescriptor type, Linker.Option... options) {
        if (!LINUX) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        SymbolLookup libc = linker.defaultLookup();
        return libc.find(name).map(symbol -> linker.downcallHandle(symbol, type, options));
    }

    /**
     * Gives the existing file this length with every block of it allocated; what it holds stays.
     *
     * @return {@link #DONE}, {@link #UNSUPPORTED}, or an errno
     */
    static int allocate(Path file, long lengthBytes) {
        if (!file.getFileSystem().equals(FileSystems.getDefault())) {
            return UNSUPPORTED; // the C library would take its path for one of this machine
        }
        if (POSIX_FALLOCATE.isEmpty() || OPEN.isEmpty() || CLOSE.isEmpty()) {
            return UNSUPPORTED;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CAPTURED);
            MemorySegment path = arena.allocateFrom(file.toAbsolutePath().toString());
            int descriptor = (int) OPEN.get().invokeExact(captured, path, READ_WRITE_CLOSE_ON_EXEC);
            if (descriptor < 0) {
                return (int) ERRNO.get(captured, 0L);
            }
            int result = (int) POSIX_FALLOCATE.get().invokeExact(descriptor, 0L, lengthBytes);
            int _ = (int) CLOSE.get().invokeExact(descriptor);
            return result == OPERATION_NOT_SUPPORTED ? UNSUPPORTED : result;
        } catch (Throwable e) {
            throw new AssertionError("posix_fallocate has another signature", e);
        }
    }

    /** Faults the pages in for writing, as if each had been written; false where the system cannot, or a page could not be had. */
    static boolean populateForWriting(MemorySegment pages) {
        return advise(pages, MADV_POPULATE_WRITE);
    }

    /** Faults the pages in for reading; false where the system cannot, or a page could not be had. */
    static boolean populateForReading(MemorySegment pages) {
        return advise(pages, MADV_POPULATE_READ);
    }

    private static boolean advise(MemorySegment pages, int advice) {
        if (MADVISE.isEmpty()) {
            return false;
        }
        try {
            return (int) MADVISE.get().invokeExact(pages, pages.byteSize(), advice) == 0;
        } catch (Throwable e) {
            throw new AssertionError("madvise has another signature", e);
        }
    }
}
